-- Each request claims a seat for another person: arguments are the path, a run's name and the form's token.
dofile("/bench/report.lua")
local number, path, run, token = 0, nil, nil, nil

function init(args)
   path, run, token = args[1], args[2], args[3]
   wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
   number = number + 1
   local person = run .. number
   wrk.headers["X-Floodgate-Person"] = person
   return wrk.format("POST", path, wrk.headers,
      "name=Person+" .. person .. "&email=" .. person .. "%40example.org&website=&token=" .. token)
end
