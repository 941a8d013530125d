// What the page for placing needs of pdf.js, in a file of its own that is fetched when the page is open.
export { GlobalWorkerOptions, getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
