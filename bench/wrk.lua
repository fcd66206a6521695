-- One request after another from a file that the benchmark wrote: each line is
-- a path, or for POST a body. Ends with one line of figures.
local lines, method, path, at = {}, "GET", nil, 0

function init(args)
  method, path = args[1], args[2]
  for line in io.lines(args[3]) do lines[#lines + 1] = line end
  wrk.headers["Cookie"] = args[4]
  wrk.headers["Accept-Language"] = "zh-Hant"
  if method == "POST" then
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Sec-Fetch-Site"] = "same-origin"
  end
end

function request()
  at = at % #lines + 1
  if method == "POST" then return wrk.format(method, path, nil, lines[at]) end
  return wrk.format(method, lines[at])
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\nFIGURES {"requests":%d,"us":%d,"p50":%d,"p95":%d,"p99":%d,"bad":%d,"bytes":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout, summary.bytes))
end
