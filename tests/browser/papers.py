"""Documents as a browser prints them."""

from playwright.sync_api import Browser

PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Báo cáo</title>
<body style="font: 13pt 'Times New Roman', serif; margin: 20mm 15mm 20mm 30mm">
<table width="100%"><tr align="center" valign="top">
<td>ỦY BAN NHÂN DÂN<br><b>PHƯỜNG BẾN MẪU</b><br>Số: <span style="padding-left:60pt">/BC-UBND</span></td>
<td><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</b></td></tr></table>
<h3 align="center">BÁO CÁO<br>Kết quả phát triển hạ tầng số năm 2026</h3>
<p>Thực hiện Kế hoạch, Ủy ban nhân dân phường báo cáo kết quả như sau: mọi số liệu trong văn bản này đều bịa để thử.</p>
<table width="100%" style="margin-top:30mm"><tr valign="top">
<td width="45%"><i><b>Nơi nhận:</b></i><br>- Như trên;<br>- Lưu: VT.</td>
<td align="center"><b>TM. ỦY BAN NHÂN DÂN<br>CHỦ TỊCH</b><br><br><br><br><br><br><b>NAME</b></td></tr></table>"""


def browser_pdf(chromium: Browser, signer: str) -> bytes:
    """Give a report with the signer's printed name, made by the browser's own "save as PDF"."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_content(PAGE.replace("NAME", signer))
    content = page.pdf(format="A4", print_background=True)
    context.close()
    return content
