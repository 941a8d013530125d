// Pages that ask the agent beside a person's own key (signing/agent/README.md).
import { enrolling } from "./enrol.js";
import { signing } from "./sign.js";

for (const root of document.querySelectorAll("[data-agent-enrol]")) enrolling(root);
for (const root of document.querySelectorAll("[data-agent-sign]")) signing(root);
