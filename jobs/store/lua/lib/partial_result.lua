-- Part 7 of every script: what there is of a job that ends without a worker to say so. JSON texts are joined, never
-- parsed.
local ESCAPES = { ['"'] = '\\"', ['\\'] = '\\\\', ['\n'] = '\\n', ['\t'] = '\\t', ['\r'] = '\\r' }

local function json_string(text)
  return '"' .. string.gsub(text, '[%c"\\]', function(c) return ESCAPES[c] or string.format('\\u%04x', string.byte(c)) end) .. '"'
end

-- Returns the text and items of the last running step, as a list of members of a JSON object, and whether any event
-- is newer than the last end of the job. A delta with offset 0 starts the text again; the last events of a step that
-- has an output may be missing.
local function running_step(keys)
  local step, text, items, is_new = '', {}, {}, false
  for _, entry in ipairs(redis.call('XRANGE', keys.updates, '-', '+')) do
    local fields = {}
    for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
    local kind = fields.type
    if kind == 'step' or kind == 'done' then step, text, items = fields.step or '', {}, {} end
    if kind == 'delta' and fields.offset == '0' then text, items = {}, {} end -- rule: text-again
    if kind == 'delta' then text[#text + 1] = fields.text end
    if kind == 'item' then items[#items + 1] = fields.item end
    if kind == 'done' or kind == 'step' or kind == 'delta' then is_new = kind ~= 'done' end -- rule: newer
  end
  if #text + #items == 0 then return {}, is_new end
  if redis.call('HEXISTS', keys.steps, step) == 1 then return {}, is_new end -- rule: finished-step
  return { '"step":' .. json_string(step), '"text":' .. json_string(table.concat(text)),
    '"items":[' .. table.concat(items, ',') .. ']', '"complete_items":' .. #items }, is_new
end

-- Returns the partial result as JSON: the outputs of finished steps, and what the running step had written. Nil when
-- there is nothing, or when the one in the record is as new.
local function partial_result(id)
  local keys = job_keys(id)
  if not has_type(keys.steps, 'hash') then return nil end
  local parts, is_new = running_step(keys)
  if not is_new and redis.call('HEXISTS', keys.job, 'partial_result') == 1 then return nil end -- rule: partial-kept
  local steps, outputs = redis.call('HGETALL', keys.steps), {}
  for i = 1, #steps, 2 do outputs[#outputs + 1] = json_string(steps[i]) .. ':' .. steps[i + 1] end
  table.sort(outputs)
  if #outputs > 0 then table.insert(parts, 1, '"steps":{' .. table.concat(outputs, ',') .. '}') end -- rule: partial-steps
  return #parts > 0 and '{' .. table.concat(parts, ',') .. '}' or nil
end
