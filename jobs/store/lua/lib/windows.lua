-- Part 3 of every script: the windows of budgets, days and months of a time zone.

-- Returns the UTC offset in ms at a time. Offsets: 'from_ms:offset_ms' in order of time.
local function offset_ms(offsets, at)
  local offset = 0
  for from, ms in string.gmatch(offsets or '', '(%d+):(%-?%d+)') do
    if tonumber(from) <= at then offset = tonumber(ms) end
  end
  return offset
end

-- Returns year, month and day of days since 1970 (Howard Hinnant's civil_from_days).
local function civil_date(days)
  local floor = math.floor
  local era = floor((days + 719468) / 146097)
  local of_era = days + 719468 - era * 146097
  local year = floor((of_era - floor(of_era / 1460) + floor(of_era / 36524) - floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + floor(year / 4) - floor(year / 100))
  local march = floor((5 * of_year + 2) / 153)
  local month = march < 10 and march + 3 or march - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, of_year - floor((153 * march + 2) / 5) + 1
end

-- Returns name, first ms and end ms of the window at a time; a total has no end.
local function window_of(kind, offsets, now)
  if kind == 'total' then return 'total', 0, 0 end
  local first = math.floor((now + offset_ms(offsets, now)) / DAY_MS)
  local year, month, day = civil_date(first)
  local name, past = string.format('%04d-%02d-%02d', year, month, day), first + 1
  if kind == 'month' then
    first = first - day + 1
    local _, _, too_far = civil_date(first + 32)
    name, past = string.format('%04d-%02d', year, month), first + 33 - too_far -- rule: month
  end
  local function midnight(days)
    return days * DAY_MS - offset_ms(offsets, days * DAY_MS - offset_ms(offsets, days * DAY_MS)) -- rule: offset
  end
  return name, midnight(first), midnight(past)
end

