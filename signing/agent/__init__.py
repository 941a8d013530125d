"""The signing agent: a small program beside a staff member's own key, reached by the ward's pages on loopback only.

See README.md in this folder for the threat model and the conversation with the page.
"""

from __future__ import annotations
