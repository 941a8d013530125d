// What was typed in the last moment of a page. Saving to the database is asynchronous, and a page that is reloaded or
// closed may be gone before it is done; this storage writes at once. The next page puts it where it belongs.
const PREFIX = "phs-last-words:";

/** Note drafts that are not in the database yet. A storage that refuses changes nothing: the save is under way too. */
export function note(records) {
  try {
    for (const record of records) localStorage.setItem(PREFIX + record.visit_id, JSON.stringify(record));
  } catch {
    // full or refused
  }
}

/** The draft is in the database, was finished, or was thrown away. */
export function forget(visitId) {
  try {
    localStorage.removeItem(PREFIX + visitId);
  } catch {
    // refused: nothing was noted either
  }
}

/** Every noted draft; one that cannot be read is left out and forgotten. */
export function noted() {
  const found = [];
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      const record = parsed(localStorage.getItem(key));
      if (record?.visit_id === key.slice(PREFIX.length)) found.push(record);
      else localStorage.removeItem(key);
    }
  } catch {
    // refused
  }
  return found;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
