// Apache PDFBox with Bouncy Castle signs the documents of a job, in one JVM that has signed 60 before (JIT).
// usage: java PdfBoxPeer JOB.txt   (a properties file: documents, out, p12, pin, picture, font, lines, box, warm)
import java.awt.geom.AffineTransform;
import java.io.*;
import java.lang.management.ManagementFactory;
import java.nio.file.*;
import java.security.*;
import java.security.cert.X509Certificate;
import java.util.*;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.*;
import org.apache.pdfbox.pdmodel.common.*;
import org.apache.pdfbox.pdmodel.font.*;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;
import org.apache.pdfbox.pdmodel.interactive.annotation.*;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.*;
import org.apache.pdfbox.pdmodel.interactive.form.*;
import org.bouncycastle.asn1.*;
import org.bouncycastle.asn1.cms.*;
import org.bouncycastle.asn1.ess.*;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.*;

public class PdfBoxPeer {
  static PrivateKey key;
  static X509Certificate[] chain;
  static byte[] picture, font;
  static String[] lines;
  static float[] box;

  /** A detached CAdES CMS: signing-certificate-v2, no signing time. */
  static byte[] cms(InputStream in) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
    ASN1EncodableVector extra = new ASN1EncodableVector();
    extra.add(new Attribute(PKCSObjectIdentifiers.id_aa_signingCertificateV2,
        new DERSet(new SigningCertificateV2(new ESSCertIDv2[] {new ESSCertIDv2(digest)}))));
    CMSAttributeTableGenerator base = new DefaultSignedAttributeTableGenerator(new AttributeTable(extra));
    SignerInfoGenerator info = new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
        .setSignedAttributeGenerator(p -> base.getAttributes(p).remove(CMSAttributes.signingTime))
        .build(new JcaContentSignerBuilder("SHA256withRSA").build(key), chain[0]);
    CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
    generator.addSignerInfoGenerator(info);
    generator.addCertificates(new JcaCertStore(Arrays.asList(chain)));
    return generator.generate(new CMSProcessableByteArray(in.readAllBytes()), false).getEncoded();
  }

  /** The visual template, as PDFBox's own example CreateVisibleSignature2 makes it. */
  static InputStream template(PDDocument source) throws IOException {
    try (PDDocument doc = new PDDocument()) {
      PDPage page = new PDPage(source.getPage(0).getMediaBox());
      doc.addPage(page);
      PDAcroForm form = new PDAcroForm(doc);
      doc.getDocumentCatalog().setAcroForm(form);
      PDSignatureField field = new PDSignatureField(form);
      form.setSignaturesExist(true);
      form.setAppendOnly(true);
      form.getCOSObject().setDirect(true);
      form.getFields().add(field);
      PDAnnotationWidget widget = field.getWidgets().get(0);
      PDRectangle rect = new PDRectangle(box[0], box[1], box[2] - box[0], box[3] - box[1]);
      widget.setRectangle(rect);
      PDFormXObject look = new PDFormXObject(new PDStream(doc));
      look.setResources(new PDResources());
      look.setFormType(1);
      look.setBBox(new PDRectangle(rect.getWidth(), rect.getHeight()));
      PDAppearanceDictionary appearance = new PDAppearanceDictionary();
      appearance.getCOSObject().setDirect(true);
      PDAppearanceStream stream = new PDAppearanceStream(look.getCOSObject());
      appearance.setNormalAppearance(stream);
      widget.setAppearance(appearance);
      float below = lines.length * 10f + 2;
      try (PDPageContentStream cs = new PDPageContentStream(doc, stream)) {
        PDImageXObject image = PDImageXObject.createFromByteArray(doc, picture, "anh");
        float scale = Math.min(rect.getWidth() / image.getWidth(), (rect.getHeight() - below) / image.getHeight());
        float w = image.getWidth() * scale, h = image.getHeight() * scale;
        cs.drawImage(image, (rect.getWidth() - w) / 2, below + (rect.getHeight() - below - h) / 2, w, h);
        PDFont type = PDType0Font.load(doc, new ByteArrayInputStream(font), true);
        cs.beginText();
        cs.setFont(type, 8);
        cs.setLeading(10);
        cs.newLineAtOffset(0, below - 8);
        for (String line : lines) {
          cs.showText(line.replace("{time}", java.time.Instant.now().toString()));
          cs.newLine();
        }
        cs.endText();
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      doc.save(out);
      return new ByteArrayInputStream(out.toByteArray());
    }
  }

  static void sign(Path in, Path out) throws Exception {
    try (PDDocument doc = PDDocument.load(Files.readAllBytes(in));
        OutputStream stream = new BufferedOutputStream(Files.newOutputStream(out), 1 << 16);
        SignatureOptions options = new SignatureOptions()) {
      PDSignature signature = new PDSignature();
      signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
      signature.setSubFilter(COSName.getPDFName("ETSI.CAdES.detached"));
      signature.setSignDate(Calendar.getInstance());
      options.setPreferredSignatureSize(8000);
      options.setVisualSignature(template(doc));
      options.setPage(0);
      doc.addSignature(signature, content -> {
        try {
          return cms(content);
        } catch (Exception error) {
          throw new IOException(error);
        }
      }, options);
      doc.saveIncremental(stream);
    }
  }

  public static void main(String[] args) throws Exception {
    Properties job = new Properties();
    try (Reader reader = Files.newBufferedReader(Paths.get(args[0]))) { job.load(reader); }
    char[] pin = job.getProperty("pin").toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Paths.get(job.getProperty("p12")))) { store.load(in, pin); }
    String alias = store.aliases().nextElement();
    key = (PrivateKey) store.getKey(alias, pin);
    chain = Arrays.stream(store.getCertificateChain(alias)).map(c -> (X509Certificate) c).toArray(X509Certificate[]::new);
    picture = Files.readAllBytes(Paths.get(job.getProperty("picture")));
    font = Files.readAllBytes(Paths.get(job.getProperty("font")));
    lines = job.getProperty("lines").split("\\|");
    String[] numbers = job.getProperty("box").split(",");
    box = new float[4];
    for (int i = 0; i < 4; i++) box[i] = Float.parseFloat(numbers[i]);
    String[] documents = job.getProperty("documents").split("\\|");
    Path out = Paths.get(job.getProperty("out"));
    for (int i = 0; i < 60; i++) sign(Paths.get(documents[i % documents.length]), out.resolve("warm.pdf"));
    Files.delete(out.resolve("warm.pdf"));
    com.sun.management.OperatingSystemMXBean os = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = os.getProcessCpuTime(), wall = System.nanoTime();
    for (String name : documents) { Path in = Paths.get(name); sign(in, out.resolve(in.getFileName())); }
    wall = System.nanoTime() - wall;
    cpu = os.getProcessCpuTime() - cpu;
    System.out.printf(Locale.ROOT, "{\"cpu_ms\": %f, \"wall_ms\": %f}%n", cpu / 1e6 / documents.length, wall / 1e6 / documents.length);
  }
}
