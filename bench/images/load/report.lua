-- What wrk measured, as one line of JSON; durations in milliseconds, wrk counts microseconds.
function done(summary, latency, _)
   local errors = summary.errors
   io.write(string.format(
      '{"answers":%d,"seconds":%.6f,"bytes":%d,"p50":%.4f,"p95":%.4f,"p99":%.4f,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
      summary.requests, summary.duration / 1e6, summary.bytes,
      latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
      errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
