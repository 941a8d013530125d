// Every page works without this file; each module adds one convenience to elements that ask for it.
import { confirmFirst } from "./confirm.js";
import { copyButtons } from "./copy.js";
import { dropZones } from "./drop.js";
import { focusFirstProblem } from "./errors.js";
import { paperGrid } from "./grid.js";
import { guardUnsaved } from "./guard.js";
import { liveSections } from "./live.js";
import { closeMenus, showCurrentPage } from "./menus.js";
import { preferences } from "./preferences.js";
import { printButtons } from "./print.js";
import { steppers } from "./stepper.js";
import { preventDoubleSubmit } from "./submit.js";
import { liveTotals } from "./totals.js";
import { unknownBoxes } from "./unknown.js";

focusFirstProblem();
preferences();
closeMenus();
showCurrentPage();
confirmFirst(); // before preventDoubleSubmit: a question that is answered "no" must not lock the button
preventDoubleSubmit();
guardUnsaved();
liveTotals();
steppers();
unknownBoxes();
dropZones();
copyButtons();
printButtons();
paperGrid();
liveSections();
