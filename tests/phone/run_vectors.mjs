// Says what the phone's scripts think of each visit of the vectors file (first argument), as JSON.
import { readFileSync } from "node:fs";
import { hardProblems } from "../../webapp/assets/js/phone/form/checks.js";
import { answersOf } from "../../webapp/assets/js/phone/form/reading.js";
import { softQuestions } from "../../webapp/assets/js/phone/form/soft.js";
import { formOfAnswers } from "../../webapp/assets/js/phone/form/state.js";
import { fold } from "../../webapp/assets/js/phone/screens/fold.js";
import { fill } from "../../webapp/assets/js/phone/text.js";

const { days, visits, folded } = JSON.parse(readFileSync(process.argv[2], "utf8"));

const judged = visits.map(({ outcome, visited_on, answers, previous, another }) => ({
  hard: hardProblems(outcome, visited_on, answers, days).map(({ field, message, params }) => ({
    field,
    text: fill(message, params),
  })),
  soft: softQuestions(answers, previous, another).map(({ code, message, params }) => ({
    code,
    ...(Object.keys(params).length ? { params } : {}),
    text: fill(message, params),
  })),
  through: answers === null ? null : answersOf({ ...formOfAnswers(answers), outcome }).answers,
}));

console.log(JSON.stringify({ visits: judged, folded: folded.map(([name]) => [name, fold(name)]) }));
