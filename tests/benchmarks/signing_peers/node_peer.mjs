// One of the npm peers signs the documents of a job file, each with the same stamp; copied to build/peers/node and run there.
// usage: node node_peer.mjs signpdf|libpdf|documenso JOB.json
import fs from "node:fs";
import path from "node:path";

const [which, jobFile] = process.argv.slice(2);
const job = JSON.parse(fs.readFileSync(jobFile, "utf8"));
const picture = fs.readFileSync(job.picture);
const fontFile = fs.readFileSync(job.font);
const p12 = fs.readFileSync(job.p12);
const [left, bottom, right, top] = job.box;
const lines = () => job.lines.map((line) => line.replace("{time}", new Date().toISOString()));
const SIZE = 8;
const textHeight = job.lines.length * SIZE * 1.25 + 2;

/** Where picture and lines stand: the picture above the text, as large as fits, centred. */
function pictureBox(image) {
  const scale = Math.min((right - left) / image.width, (top - bottom - textHeight) / image.height);
  const width = image.width * scale, height = image.height * scale;
  return { x: (left + right - width) / 2, y: bottom + textHeight + (top - bottom - textHeight - height) / 2, width, height };
}

async function stampWithPdfLib(data) {
  const { PDFDocument } = await import("pdf-lib");
  const fontkit = (await import("@pdf-lib/fontkit")).default;
  const { pdflibAddPlaceholder } = await import("@signpdf/placeholder-pdf-lib");
  const { SUBFILTER_ETSI_CADES_DETACHED } = await import("@signpdf/utils");
  const document = await PDFDocument.load(data);
  document.registerFontkit(fontkit);
  const font = await document.embedFont(fontFile, { subset: true });
  const image = await document.embedPng(picture);
  const page = document.getPages()[0];
  page.drawImage(image, pictureBox(image));
  lines().forEach((line, index) => page.drawText(line, { x: left, y: bottom + textHeight - SIZE * (1 + 1.25 * index), size: SIZE, font }));
  pdflibAddPlaceholder({ pdfDoc: document, reason: "", contactInfo: "", name: "", location: "", signatureLength: 8192,
    subFilter: SUBFILTER_ETSI_CADES_DETACHED, widgetRect: job.box });
  return Buffer.from(await document.save({ useObjectStreams: false }));
}

async function signpdf() {
  const { SignPdf } = await import("@signpdf/signpdf");
  const { P12Signer } = await import("@signpdf/signer-p12");
  return async (data) => new SignPdf().sign(await stampWithPdfLib(data), new P12Signer(p12, { passphrase: job.pin }));
}

async function documenso() {
  const { signWithPrivateKey } = await import("@documenso/pdf-sign");
  const cert = fs.readFileSync(job.certificates), privateKey = fs.readFileSync(job.key);
  return async (data) => {
    const pdf = await stampWithPdfLib(data);
    const range = pdf.lastIndexOf("/ByteRange ["), rangeEnd = pdf.indexOf("]", range) + 1;
    const start = pdf.indexOf("/Contents <", range > 0 ? pdf.lastIndexOf("obj", range) : 0) + 10, end = pdf.indexOf(">", start) + 1;
    pdf.write(`/ByteRange [0 ${start} ${end} ${pdf.length - end}]`.padEnd(rangeEnd - range), range, "latin1");
    const content = Buffer.concat([pdf.subarray(0, start), pdf.subarray(end)]);
    const value = signWithPrivateKey({ content, cert, privateKey }).toString("hex");
    pdf.write(value.padEnd(end - start - 2, "0"), start + 1, "latin1");
    return pdf;
  };
}

async function libpdf() {
  const { PDF, P12Signer } = await import("@libpdf/core");
  const signer = await P12Signer.create(p12, job.pin);
  return async (data) => {
    const document = await PDF.load(data);
    const page = document.getPage(0);
    const font = await document.embedFont(fontFile);
    const image = await document.embedImage(picture);
    page.drawImage(image, pictureBox(image));
    lines().forEach((line, index) => page.drawText(line, { x: left, y: bottom + textHeight - SIZE * (1 + 1.25 * index), size: SIZE, font }));
    return (await document.sign({ signer, fieldName: "ChuKy" })).bytes;
  };
}

const sign = await { signpdf, documenso, libpdf }[which]();
const target = (file) => path.join(job.out, path.basename(file));
for (const file of job.documents.slice(0, job.warm)) await sign(fs.readFileSync(file));
const cpu = process.cpuUsage(), started = process.hrtime.bigint();
for (const file of job.documents) fs.writeFileSync(target(file), await sign(fs.readFileSync(file)));
const wall = Number(process.hrtime.bigint() - started) / 1e6, used = process.cpuUsage(cpu);
console.log(JSON.stringify({ cpu_ms: (used.user + used.system) / 1e3 / job.documents.length, wall_ms: wall / job.documents.length }));
