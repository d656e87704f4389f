-- Each request is another person's, for an address that nobody has asked for: arguments are the path and a run's name.
dofile("/bench/report.lua")
local number, path, run = 0, nil, nil

function init(args)
   path, run = args[1], args[2]
end

function request()
   number = number + 1
   wrk.headers["X-Floodgate-Person"] = run .. number
   return wrk.format("GET", path .. "?replytocom=" .. run .. number)
end
