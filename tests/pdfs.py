"""PDFs for tests, made as people make them; typst draws the look of a ward's plan (Decree 30, Appendix I)."""

from functools import lru_cache
from pathlib import Path

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
def plan_pdf(name: str = "Người leader", *, pages: int = 1, number_gap: bool = True) -> bytes:
    """Give a plan with the gap for its number and the signer's printed name."""
    source = SOURCE.replace("NAME", name).replace("#BREAK", "#pagebreak()\n#lorem(80)" * (pages - 1))
    if not number_gap:
        source = source.replace("Số:#h(34pt)/KH-UBND", "")
    return bytes(typst.compile(source.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True))
