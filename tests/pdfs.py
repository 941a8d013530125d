"""PDFs for tests, made as people make them; typst draws the look of a ward's plan (Decree 30, Appendix I)."""

import io
from functools import lru_cache
from pathlib import Path

import pypdfium2 as pdfium
import typst

FONTS = Path(__file__).parents[1] / "signing" / "resources" / "fonts"

SOURCE = """
#set page(paper: "a4", margin: (top: 20mm, bottom: 20mm, left: 30mm, right: 15mm))
#set text(font: "Tinos", size: 13pt, lang: "vi")
#grid(columns: (2fr, 3fr), align: center,
  [ỦY BAN NHÂN DÂN\\ *PHƯỜNG THỬ NGHIỆM*\\ Số:#h(34pt)/KH-UBND],
  [*CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM*\\ *Độc lập - Tự do - Hạnh phúc*\\ _P. Thử Nghiệm, ngày 22 tháng 11 năm 2026_])
#v(1em)
#align(center)[*KẾ HOẠCH*\\ *Triển khai chuyển đổi số năm 2026*]
#lorem(120)
#BREAK
#v(1em)
#grid(columns: (1fr, 1fr), [_*Nơi nhận:*_\\ - Các tổ dân phố;\\ - Lưu: VT.],
  align(center)[*TM. ỦY BAN NHÂN DÂN*\\ *CHỦ TỊCH*\\ #v(26mm) *NAME*])
"""


@lru_cache
def plan_pdf(
    name: str = "Người leader", *, pages: int = 1, number_gap: bool = True, date: str = "ngày 22 tháng 11 năm 2026"
) -> bytes:
    """Give a plan with the gap for its number and the signer's printed name."""
    source = SOURCE.replace("ngày 22 tháng 11 năm 2026", date)
    source = source.replace("NAME", name).replace("#BREAK", "#pagebreak()\n#lorem(80)" * (pages - 1))
    if not number_gap:
        source = source.replace("Số:#h(34pt)/KH-UBND", "")
    return bytes(typst.compile(source.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True))


def scan_pdf(dpi: int = 200, *, colour: bool = True, shrink: float = 1.0) -> bytes:
    """Give a plan as a scanner would: one picture a page; `shrink` puts a smaller picture onto the same page."""
    page = pdfium.PdfDocument(plan_pdf())[0]
    picture = page.render(scale=dpi / 72 * shrink).to_pil().convert("RGB" if colour else "L")
    out = io.BytesIO()
    if shrink == 1.0:
        picture.save(out, "PDF", resolution=dpi, quality=70)
        return out.getvalue()
    document = pdfium.PdfDocument.new()
    target = document.new_page(page.get_width(), page.get_height())
    image, jpeg = pdfium.PdfImage.new(document), io.BytesIO()
    picture.save(jpeg, "JPEG", quality=70)
    image.load_jpeg(io.BytesIO(jpeg.getvalue()))
    image.set_matrix(pdfium.PdfMatrix().scale(target.get_width() * shrink, target.get_height() * shrink))
    target.insert_obj(image)
    target.gen_content()
    document.save(out)
    return out.getvalue()
