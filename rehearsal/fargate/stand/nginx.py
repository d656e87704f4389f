"""nginx's configuration for a distribution of CloudFront: a pure function of the plan.

Headers are what the CloudFront Developer Guide says of custom origins ("How CloudFront processes and forwards requests
to your custom origin"), policies what it says of cache keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rehearsal.fargate.desired.front import Behaviour, CachePolicy, Front, Origin
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.task.names import digest

# Where the configuration says which one it is; within the container alone.
REVISION_PORT = 8099
# Where a firewall's HAProxy brings what came without and with TLS, each connection with its client's address.
PLAIN_PORT, TLS_PORT = 8080, 8443
# By so many bytes CloudFront begins to compress, and these kinds of it ("Serve compressed files").
_COMPRESSED_FROM = 1000
_COMPRESSED = (
    "application/javascript application/json application/manifest+json application/xml application/rss+xml "
    "font/ttf font/otf image/svg+xml text/css text/csv text/javascript text/plain text/xml"
)
# What CloudFront takes out of a request, whatever a policy passes on.
_TAKEN_OUT = (
    "X-Real-IP",
    "X-Forwarded-Proto",
    "X-HTTP-Method-Override",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
)
# A line cannot be in what is asked for, nor in a header.
_BETWEEN = "\\n"


def render(front: Front, host_of: Callable[[Key], str]) -> str:
    """Render the configuration file; ``host_of`` gives the name of a load balancer in the container network."""
    lines = list(_lines(front, host_of))
    return "\n".join(lines).replace("REVISION", digest(lines)) + "\n"


def revision(configuration: str) -> str:
    """Return what a configuration calls itself."""
    return str(re.findall(r"return 200 (\w+);", configuration)[0])


def _lines(front: Front, host_of: Callable[[Key], str]) -> Iterator[str]:
    yield from (
        "load_module /usr/lib/nginx/modules/ngx_http_brotli_filter_module.so;",
        "worker_processes auto;",
        "pid /run/front/nginx.pid;",
        "error_log /dev/stderr error;",
        "events { worker_connections 4096; }",
        "http {",
        "    access_log off;",
        "    server_tokens off;",
        # Paths are asked for as they came.
        "    merge_slashes off;",
        # CloudFront takes bodies of any length that anybody sends here.
        "    client_max_body_size 0;",
        *(
            f"    {part}_temp_path /var/cache/front/{part};"
            for part in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ),
        "    proxy_cache_path /var/cache/front/kept levels=1:2 keys_zone=kept:16m max_size=1g inactive=7d "
        "use_temp_path=off;",
        # A value cannot hold the sign by which variables begin in any other way.
        '    geo $dollar { default "$"; }',
        "    map $server_protocol $spoken { HTTP/1.0 1.0; HTTP/2.0 2.0; default 1.1; }",
        f'    map $http_via $via {{ "" "$spoken {front.address} (CloudFront)"; '
        f'default "$http_via, $spoken {front.address} (CloudFront)"; }}',
        f"    map $server_port $asked_scheme {{ {TLS_PORT} https; default $scheme; }}",
        '    map "$asked_scheme $request_method" $sent_on { "~^http (GET|HEAD)$" 301; "~^http " 307; default ""; }',
        "    map $request_uri $asked_path { ~^(?<before_the_query>[^?]*) $before_the_query; }",
        # What is kept and old is asked about by its own mark, and else by the visitor's: his is answered by the origin.
        "    map $upstream_cache_status $known_mark { EXPIRED $upstream_cache_etag; default $http_if_none_match; }",
        "    map $upstream_cache_status $known_since { EXPIRED $upstream_cache_last_modified; "
        "default $http_if_modified_since; }",
        # An answer to a visitor's mark has no body that others could be given.
        '    map $upstream_status $not_kept { ~304$ 1; default ""; }',
        '    map "$upstream_cache_status $status" $x_cache { "~ [45]" "Error from cloudfront"; '
        '"~^HIT" "Hit from cloudfront"; "~^REVALIDATED" "RefreshHit from cloudfront"; '
        'default "Miss from cloudfront"; }',
    )
    for number, policy in enumerate(_policies(front)):
        yield from _policy(number, policy)
    for number, origin in enumerate(front.origins):
        yield from _upstream(number, origin, host_of(origin.balancer))
    yield from _servers(front)
    yield "}"


def _policies(front: Front) -> list[CachePolicy]:
    return list(dict.fromkeys(each.policy for each in front.behaviours if each.policy.keeps))


def _policy(number: int, policy: CachePolicy) -> Iterator[str]:
    """Yield what tells requests apart: the whole of the cookies where one of the listed is there."""
    if policy.cookies:
        names = "|".join(_regex(name, but="=;") for name in policy.cookies)
        yield f'    map $http_cookie $cookies_{number} {{ "~(?:^|; *)(?:{names})=" $http_cookie; default ""; }}'
    for encoding in policy.encodings:
        taken = rf"~*\b{encoding}\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))"
        yield f'    map $http_accept_encoding $takes_{encoding}_{number} {{ "{taken}" {encoding}; default ""; }}'
    both = f"$takes_br_{number},$takes_gzip_{number}"
    if len(policy.encodings) > 1:
        yield (
            f'    map "{both}" $encodings_{number} {{ "br," br; ",gzip" gzip; "br,gzip" "br,gzip"; default ""; }}'
        )  # fmt: skip


def _encodings(number: int, policy: CachePolicy) -> str:
    """Return the variable with what a visitor takes of what is told apart."""
    if len(policy.encodings) > 1:
        return f"$encodings_{number}"
    return f"$takes_{policy.encodings[0]}_{number}" if policy.encodings else ""


def _upstream(number: int, origin: Origin, host: str) -> Iterator[str]:
    yield f"    upstream origin_{number} {{"
    yield f"        server {host}:{origin.port};"
    yield "        keepalive 64;"
    yield "        keepalive_requests 100000;"
    yield f"        keepalive_timeout {origin.keep_alive}s;"
    yield "    }"


def _servers(front: Front) -> Iterator[str]:
    if front.firewall:
        listens = [f"{PLAIN_PORT} proxy_protocol", f"{TLS_PORT} proxy_protocol"]
        lines = ["set_real_ip_from 0.0.0.0/0;", "real_ip_header proxy_protocol;"]
    else:
        listens = ["80", "443 ssl"]
        lines = [
            "ssl_certificate /run/front/certificate.pem;",
            "ssl_certificate_key /run/front/key.pem;",
            f"ssl_protocols {' '.join(front.tls)};",
            f"http2 {'on' if front.http2 else 'off'};",
        ]
    yield f"    server {{ listen 127.0.0.1:{REVISION_PORT}; return 200 REVISION; }}"
    yield "    server {"
    yield from (f"        listen {listen} default_server;" for listen in listens)
    yield from (f"        {line}" for line in lines)
    # No distribution has such a name.
    yield "        return 403;"
    yield "    }"
    yield "    server {"
    yield from (f"        listen {listen};" for listen in listens)
    yield f"        server_name {' '.join(front.names)};"
    yield from (f"        {line}" for line in lines)
    policies = _policies(front)
    for behaviour in front.behaviours:
        yield f'        location ~ "(?s)^/?{_regex(behaviour.path.removeprefix("/"))}$" {{'
        number = policies.index(behaviour.policy) if behaviour.policy.keeps else None
        yield from (f"            {line}" for line in _location(front, behaviour, number))
        yield "        }"
    yield "    }"


def _location(front: Front, behaviour: Behaviour, policy: int | None) -> Iterator[str]:
    origin = behaviour.origin
    if behaviour.viewers == "redirect-to-https":
        for status in (301, 307):
            yield f"if ($sent_on = {status}) {{ return {status} https://$host$request_uri; }}"
    elif behaviour.viewers == "https-only":
        yield "if ($asked_scheme = http) { return 403; }"
    yield f"if ($request_method !~ ^({'|'.join(behaviour.methods)})$) {{ return 403; }}"
    yield f"proxy_pass {'https' if origin.tls else 'http'}://origin_{front.origins.index(origin)};"
    yield "proxy_http_version 1.1;"
    yield "proxy_request_buffering off;"
    yield "proxy_next_upstream off;"
    yield "proxy_buffer_size 16k;"
    yield "proxy_buffers 8 16k;"
    yield f"proxy_connect_timeout {origin.connect_timeout}s;"
    yield f"proxy_read_timeout {origin.read_timeout}s;"
    yield f"proxy_send_timeout {origin.read_timeout}s;"
    host = "$host" if behaviour.own_host else _quoted(origin.host)
    if origin.tls:
        # Whose certificate it is, is judged by the templates: here a self-signed one stands in.
        yield "proxy_ssl_server_name on;"
        yield f"proxy_ssl_name {host};"
        yield f"proxy_ssl_protocols {' '.join(origin.tls)};"
    headers = {
        "Host": host,
        "Connection": '""',
        "Via": "$via",
        "X-Forwarded-For": "$proxy_add_x_forwarded_for",
        "X-Amz-Cf-Id": "$request_id",
        **dict.fromkeys(_TAKEN_OUT, '""'),
    }
    if policy is not None:
        yield from _kept(policy, behaviour)
        # CloudFront asks for no part where it may keep the whole, and for encodings by what it tells apart.
        headers |= {"If-None-Match": "$known_mark", "If-Modified-Since": "$known_since"}
        headers["Accept-Encoding"] = _encodings(policy, behaviour.policy) or '""'
    # Its own word goes over a visitor's.
    headers = {
        name: value for name, value in headers.items() if name.lower() not in {each.lower() for each in origin.headers}
    }
    headers |= {name: _quoted(value) for name, value in origin.headers.items()}
    yield from (f"proxy_set_header {name} {value};" for name, value in headers.items())
    yield "proxy_hide_header X-Cache;"
    yield "add_header X-Cache $x_cache always;"
    yield f'add_header Via "1.1 {front.address} (CloudFront)" always;'
    yield "add_header X-Amz-Cf-Id $request_id always;"


def _kept(number: int, behaviour: Behaviour) -> Iterator[str]:
    policy = behaviour.policy
    parts = [
        "$asked_path",
        *(["$args"] if policy.query else []),
        *([f"$cookies_{number}"] if policy.cookies else []),
        *(f"$http_{name.lower().replace('-', '_')}" for name in policy.headers),
        *([_encodings(number, policy)] if policy.encodings else []),
    ]
    yield "proxy_cache kept;"
    yield f'proxy_cache_key "{_BETWEEN.join(parts)}";'
    yield "proxy_cache_revalidate on;"
    yield "proxy_no_cache $not_kept;"
    # Neither keeps CloudFront from keeping an answer; and no answer says to it what nginx would do.
    yield (
        "proxy_ignore_headers Vary Set-Cookie X-Accel-Expires X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Buffering "
        "X-Accel-Charset;"
    )
    if behaviour.compressed:
        for encoding, module in (("br", "brotli"), ("gzip", "gzip")):
            if encoding in policy.encodings:
                yield f"{module} on;"
                yield f"{module}_min_length {_COMPRESSED_FROM};"
                yield f"{module}_types {_COMPRESSED};"
        if "gzip" in policy.encodings:
            yield "gzip_proxied any;"


def _regex(pattern: str, but: str = "") -> str:
    any_letter = f"[^{but}]" if but else "."
    known = {"*": f"{any_letter}*", "?": any_letter, '"': r"\""}
    return "".join(known.get(c, re.escape(c)) for c in pattern)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text).replace("$", "${dollar}") + '"'
