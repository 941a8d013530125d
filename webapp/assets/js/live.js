/**
 * `<section id="job" data-live data-live-again="2000">`: asks for the page again after so many milliseconds and puts the
 * new section in the place of the old one, until it no longer wishes to. Stops asking while nobody looks. With
 * `data-live-reload` the whole page comes anew when the work is done: more than the section has changed then.
 */
export function liveSections() {
  for (const section of document.querySelectorAll("[data-live][data-live-again]")) watch(section);
}

function watch(section) {
  setTimeout(async () => {
    if (document.hidden) return watch(section);
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(section.id);
      if ("liveReload" in section.dataset && !fresh?.dataset.liveAgain) return location.reload();
      if (!fresh) return;
      section.replaceWith(document.adoptNode(fresh));
      if (fresh.dataset.liveAgain) watch(fresh);
    } catch {
      watch(section); // no network just now: the work goes on without us
    }
  }, Number(section.dataset.liveAgain));
}
