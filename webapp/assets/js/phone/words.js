/** The words for a code, from `<template id="phone-words">` of the page (templates/surveys/_phone_words.html). */
export function word(code, params = {}) {
  const words = document.getElementById("phone-words")?.content;
  const found = words?.querySelector(`[data-code="${CSS.escape(code)}"]`) ?? words?.querySelector('[data-code="other"]');
  const text = found?.textContent.trim() ?? code;
  return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
}
