-- wrk -t N … -s private_feeds.lua URL FOLDER N once|all|same: asks for the addresses in FOLDER/paths, shared out among N threads.
-- once: each one time, by one connection a thread; the entity tags that come are written to FOLDER/tags.THREAD
-- all: again and again; same: as all, with the tags, which must be there

local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

local function lines(name)
   local found = {}
   for line in io.lines(name) do found[#found + 1] = line end
   return found
end

function init(args)
   folder, mode, asked, answered, tags = args[1], args[3], 0, 0, {}
   local all = lines(folder .. "/paths")
   paths = {}
   for place = 1 + number, #all, tonumber(args[2]) do paths[#paths + 1] = all[place] end
   if mode == "same" then tags = lines(folder .. "/tags." .. number) end
   if mode ~= "once" then response = nil end
end

function request()
   -- wrk tries the first request out, so for one time each it is the answers that count.
   local place = (mode == "once" and answered or asked) % #paths + 1
   asked = asked + 1
   local headers = mode == "same" and { ["If-None-Match"] = tags[place] } or nil
   return wrk.format("GET", paths[place], headers)
end

function response(status, headers)
   answered = answered + 1
   tags[answered] = headers["etag"] or ("status " .. status)
   if answered == #paths then
      local out = io.open(folder .. "/tags." .. number, "w")
      out:write(table.concat(tags, "\n"), "\n")
      out:close()
      wrk.thread:stop()
   end
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format('\n{"requests": %d, "seconds": %.6f, "bytes": %d, "errors": %d, "p50": %d, "p99": %d}\n',
      summary.requests, summary.duration / 1e6, summary.bytes,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
