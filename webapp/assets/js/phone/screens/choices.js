// Choices of this phone, not of the person: kept on the device only.
function read(name) {
  try {
    return localStorage.getItem(`phs.${name}`) ?? "";
  } catch {
    return "";
  }
}

function write(name, value) {
  try {
    if (value) localStorage.setItem(`phs.${name}`, value);
    else localStorage.removeItem(`phs.${name}`);
  } catch {
    // not kept beyond this page
  }
}

let simple = read("simple");

/** One question a screen. */
export const isSimple = () => simple === "yes";

/** Was it ever chosen? Asked once, after the phone was set up. */
export const isSimpleChosen = () => simple !== "";

export function setSimple(on) {
  simple = on ? "yes" : "no";
  write("simple", simple);
}

/** Text size: "" (18 px), "large" (21 px), "larger" (24 px). */
export const textSize = () => document.documentElement.dataset.text ?? "";

/** Theme: "" (as the device), "light", "dark". */
export const theme = () => document.documentElement.dataset.theme ?? "";

export function setLook(name, value) {
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
  write(name, value);
}

/** The group that was looked at last. */
export const chosenGroup = () => read("group");
export const chooseGroup = (id) => write("group", id);
