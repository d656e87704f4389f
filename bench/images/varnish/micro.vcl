vcl 4.1;

backend original {
    .host = "127.0.0.1";
    .port = "80";
    .first_byte_timeout = 60s;
}

# Pages for a second, and stale ones while the next is fetched, whatever WordPress says to browsers.
sub vcl_backend_response {
    if (beresp.status == 200 && !beresp.http.Set-Cookie) {
        set beresp.ttl = 1s;
        set beresp.grace = 10s;
        set beresp.do_gzip = true;
        return (deliver);
    }
}
