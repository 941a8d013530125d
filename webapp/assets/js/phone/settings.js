// Times and addresses of the phone form, in one place. A test page may set `globalThis.phsPhone` before the script
// runs (shorter times, a look at the engine); the content security policy keeps everybody else from doing so.
const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

export const settings = Object.freeze({
  api: "/api/v1",
  home: "/surveys/phone/",
  autosave_ms: 250, // typed answers are on the disk within 300 ms
  save_again_ms: 5 * SECOND, // after the storage refused
  open_limit_ms: 8 * SECOND, // some browsers never answer when the storage is broken
  answer_limit_ms: 30 * SECOND,
  probe_limit_ms: 10 * SECOND,
  together_most: 20, // records in one request, as many as the ward takes; some 40 KB: a poor line still carries them
  together_bytes: 200_000, // the ward takes 256 KB
  wait_unit_ms: SECOND, // n-th wait: 2^n of these
  wait_most_ms: 300 * SECOND,
  refresh_every_ms: 300 * SECOND,
  sent_kept_ms: 30 * DAY,
  clock_wrong_ms: 600 * SECOND,
  lease_ms: 60 * SECOND, // browsers without Web Locks: how long an uploader may be silent before another takes over
  expose: null,
  ...globalThis.phsPhone,
});
