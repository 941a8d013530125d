/**
 * The pages of a file. Opened by pdf.js; `draw` paints one into the canvas, or, where pdf.js would need WebAssembly for
 * its pictures, lets the server's drawing stand. Sizes are points as seen: cropped, turned, /UserUnit counted in.
 */
export async function openLeaves(element) {
  const { GlobalWorkerOptions, getDocument } = await import(element.dataset.library);
  GlobalWorkerOptions.workerPort = new Worker(element.dataset.worker);
  const file = await getDocument({
    url: element.dataset.file,
    isEvalSupported: false,
    useWasm: false,
    enableXfa: false,
    stopAtErrors: false,
  }).promise;
  const drawnHere = Boolean(element.dataset.drawn);
  const still = element.querySelector("[data-still]");
  const canvas = element.querySelector("[data-canvas]");
  let task = null;

  async function size(index) {
    const { width, height } = (await file.getPage(index + 1)).getViewport({ scale: 1 });
    return { width, height };
  }

  async function draw(index) {
    task?.cancel();
    if (drawnHere) {
      still.src = element.dataset.leaf.replace(/1\.png$/, `${index + 1}.png`);
      const { width, height } = await size(index);
      still.width = Math.round(width);
      still.height = Math.round(height);
      return;
    }
    const page = await file.getPage(index + 1);
    const plain = page.getViewport({ scale: 1 });
    canvas.hidden = false;
    still.hidden = true;
    const pixels = Math.min((canvas.parentElement.clientWidth || 600) * devicePixelRatio, 2400);
    const viewport = page.getViewport({ scale: pixels / plain.width });
    canvas.width = Math.round(viewport.width);
    canvas.height = Math.round(viewport.height);
    task = page.render({ canvas, viewport });
    await task.promise.catch((error) => {
      if (error?.name !== "RenderingCancelledException") throw error;
    });
  }

  return { count: file.numPages, size, draw };
}
