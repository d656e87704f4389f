"""The way into a page behind the guard: who may come is led in, others are told nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.wrappers import Request, Response

from loopback import guard
from loopback.guard import Answer, Guard

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Entrance:
    """What a page's visitors meet: ``door`` who has just come in, ``refusals`` the others, by the guard's answer.

    ``policy`` is the Content-Security-Policy of each answer that has none of its own.
    """

    guard: Guard
    policy: str
    door: str
    refusals: Mapping[Answer, str]

    def respond(self, request: Request, show: Callable[[Request], Response]) -> Response:
        """Answer a request; ``show`` answers those that are allowed."""
        headers, cookie = request.headers, f"floodgate-{self.guard.port}"
        answer = self.guard.judge(
            guard.Request(
                method=request.method,
                host=headers.get("Host"),
                path=request.path,
                origin=headers.get("Origin"),
                fetch_site=headers.get("Sec-Fetch-Site"),
                fetch_mode=headers.get("Sec-Fetch-Mode"),
                cookie=request.cookies.get(cookie),
                token=request.args.get("token"),
                act_token=headers.get("X-Act-Token"),
            )
        )
        if answer is Answer.ENTERS:
            # On to the address without the token, which is left neither in the address bar nor in the history. The page
            # itself leads there: a redirect would be of the site whose link was followed, and come without the cookie.
            refresh = {"Refresh": f"0; url={self.guard.root}"}
            response = Response(self.door, answer.value, refresh, mimetype="text/html")
            response.set_cookie(cookie, self.guard.session, path=self.guard.root, httponly=True, samesite="Strict")
        elif answer is not Answer.ALLOWED:
            response = Response(self.refusals[answer], status=answer.value)
        else:
            response = show(request)
        for name, value in {"Content-Security-Policy": self.policy, **_HEADERS}.items():
            response.headers.setdefault(name, value)
        return response
