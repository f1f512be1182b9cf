-- SPDX-License-Identifier: GPL-3.0-or-later
-- A Wireshark dissector for RTMFP (RFC 7016) with the Flash profile (RFC 7425): startup packets under the default key, and
-- packets of sessions whose keys were exported (ahoy-cli --capture-keys, docs/library.md "Seeing what happens").
--
-- It decrypts by itself, since the Lua of Wireshark 4.0 knows no cipher: AES-128 (FIPS 197) in CBC mode, IV zero (RFC 7425 s4.7),
-- and for sessions between Ahoy's own AES-128-GCM (NIST SP 800-38D) and ChaCha20-Poly1305 (RFC 8439). It checks the checksum of
-- startup packets, and no HMAC or tag.

local bit = bit or bit32
local band, bor, bxor, lshift, rshift = bit.band, bit.bor, bit.bxor, bit.lshift, bit.rshift

local DEFAULT_KEY = "Adobe Systems 02" -- RFC 7425 s4.1
local DEFAULT_PORT = 1935

---- AES-128 ---------------------------------------------------------------------------------------------------------------------

local SBOX, INVERSE = {}, {}
local TD = { {}, {}, {}, {} } -- what one byte of a column adds to the column, InvSubBytes and InvMixColumns in one
local TE = { {}, {}, {}, {} } -- likewise SubBytes and MixColumns

local function double(x)
  x = lshift(x, 1)
  return x >= 256 and bxor(x, 0x11b) or x
end

local function multiply(a, b)
  local product = 0
  while b > 0 do
    if band(b, 1) == 1 then product = bxor(product, a) end
    a, b = double(a), rshift(b, 1)
  end
  return product
end

local function rotate8(x, by) return band(bor(lshift(x, by), rshift(x, 8 - by)), 255) end

local function word(a, b, c, d) return bor(lshift(a, 24), lshift(b, 16), lshift(c, 8), d) end

local function make_tables()
  local p, q = 1, 1 -- p runs through all values but 0, q is its inverse
  repeat
    p = bxor(p, double(p))
    q = bxor(q, lshift(q, 1))
    q = bxor(q, lshift(q, 2))
    q = bxor(q, lshift(q, 4))
    q = band(q, 255)
    if q >= 128 then q = bxor(q, 0x09) end
    SBOX[p] = bxor(q, rotate8(q, 1), rotate8(q, 2), rotate8(q, 3), rotate8(q, 4), 0x63)
  until p == 1
  SBOX[0] = 0x63
  for x = 0, 255 do INVERSE[SBOX[x]] = x end
  for x = 0, 255 do
    local s = INVERSE[x]
    local e, n, d, b = multiply(s, 14), multiply(s, 9), multiply(s, 13), multiply(s, 11)
    TD[1][x], TD[2][x], TD[3][x], TD[4][x] = word(e, n, d, b), word(b, e, n, d), word(d, b, e, n), word(n, d, b, e)
    s = SBOX[x]
    local two, three = double(s), bxor(double(s), s)
    TE[1][x], TE[2][x], TE[3][x], TE[4][x] = word(two, s, s, three), word(three, two, s, s), word(s, three, two, s), word(s, s, three, two)
  end
end
make_tables()

local function byte_of(w, at) return band(rshift(w, 24 - 8 * at), 255) end

local function substitute(w)
  return word(SBOX[byte_of(w, 0)], SBOX[byte_of(w, 1)], SBOX[byte_of(w, 2)], SBOX[byte_of(w, 3)])
end

local function unmix(w)
  return bxor(TD[1][SBOX[byte_of(w, 0)]], TD[2][SBOX[byte_of(w, 1)]], TD[3][SBOX[byte_of(w, 2)]], TD[4][SBOX[byte_of(w, 3)]])
end

-- The 44 words of the key schedule; inverse: for the equivalent inverse cipher.
local function expand_key(key, inverse)
  local w, constant = {}, 1
  for i = 0, 3 do w[i] = word(key:byte(4 * i + 1, 4 * i + 4)) end
  for i = 4, 43 do
    local t = w[i - 1]
    if i % 4 == 0 then
      t = bxor(substitute(bor(lshift(t, 8), rshift(t, 24))), lshift(constant, 24))
      constant = double(constant)
    end
    w[i] = bxor(w[i - 4], t)
  end
  for i = 4, inverse and 39 or 0 do w[i] = unmix(w[i]) end
  return w
end

local function last_word(k, a, b, c, d)
  return bxor(k, word(INVERSE[byte_of(a, 0)], INVERSE[byte_of(b, 1)], INVERSE[byte_of(c, 2)], INVERSE[byte_of(d, 3)]))
end

local function decrypt_block(w, a, b, c, d)
  local t1, t2, t3, t4 = TD[1], TD[2], TD[3], TD[4]
  a, b, c, d = bxor(a, w[40]), bxor(b, w[41]), bxor(c, w[42]), bxor(d, w[43])
  for k = 36, 4, -4 do
    local e = bxor(w[k], t1[byte_of(a, 0)], t2[byte_of(d, 1)], t3[byte_of(c, 2)], t4[byte_of(b, 3)])
    local f = bxor(w[k + 1], t1[byte_of(b, 0)], t2[byte_of(a, 1)], t3[byte_of(d, 2)], t4[byte_of(c, 3)])
    local g = bxor(w[k + 2], t1[byte_of(c, 0)], t2[byte_of(b, 1)], t3[byte_of(a, 2)], t4[byte_of(d, 3)])
    d = bxor(w[k + 3], t1[byte_of(d, 0)], t2[byte_of(c, 1)], t3[byte_of(b, 2)], t4[byte_of(a, 3)])
    a, b, c = e, f, g
  end
  return last_word(w[0], a, d, c, b), last_word(w[1], b, a, d, c), last_word(w[2], c, b, a, d), last_word(w[3], d, c, b, a)
end

local schedules = {}

-- bytes: whole blocks. most: so many blocks at most. Returns the plain text.
local function decrypt_cbc(key, bytes, most)
  schedules[key] = schedules[key] or expand_key(key, true)
  local schedule, out = schedules[key], {}
  local pa, pb, pc, pd = 0, 0, 0, 0
  for at = 1, math.min(#bytes, (most or math.huge) * 16), 16 do
    local a = word(bytes:byte(at, at + 3))
    local b = word(bytes:byte(at + 4, at + 7))
    local c = word(bytes:byte(at + 8, at + 11))
    local d = word(bytes:byte(at + 12, at + 15))
    local e, f, g, h = decrypt_block(schedule, a, b, c, d)
    for _, w in ipairs({ bxor(e, pa), bxor(f, pb), bxor(g, pc), bxor(h, pd) }) do
      out[#out + 1] = string.char(byte_of(w, 0), byte_of(w, 1), byte_of(w, 2), byte_of(w, 3))
    end
    pa, pb, pc, pd = a, b, c, d
  end
  return table.concat(out)
end

local function last_mixed(k, a, b, c, d)
  return bxor(k, word(SBOX[byte_of(a, 0)], SBOX[byte_of(b, 1)], SBOX[byte_of(c, 2)], SBOX[byte_of(d, 3)]))
end

local function encrypt_block(w, a, b, c, d)
  local t1, t2, t3, t4 = TE[1], TE[2], TE[3], TE[4]
  a, b, c, d = bxor(a, w[0]), bxor(b, w[1]), bxor(c, w[2]), bxor(d, w[3])
  for k = 4, 36, 4 do
    local e = bxor(w[k], t1[byte_of(a, 0)], t2[byte_of(b, 1)], t3[byte_of(c, 2)], t4[byte_of(d, 3)])
    local f = bxor(w[k + 1], t1[byte_of(b, 0)], t2[byte_of(c, 1)], t3[byte_of(d, 2)], t4[byte_of(a, 3)])
    local g = bxor(w[k + 2], t1[byte_of(c, 0)], t2[byte_of(d, 1)], t3[byte_of(a, 2)], t4[byte_of(b, 3)])
    d = bxor(w[k + 3], t1[byte_of(d, 0)], t2[byte_of(a, 1)], t3[byte_of(b, 2)], t4[byte_of(c, 3)])
    a, b, c = e, f, g
  end
  return last_mixed(w[40], a, b, c, d), last_mixed(w[41], b, c, d, a), last_mixed(w[42], c, d, a, b), last_mixed(w[43], d, a, b, c)
end

-- bytes with what stream(block) gives over it; block counts from 0, and stream returns octets.
local function cover(bytes, size, stream)
  local out = {}
  for at = 1, #bytes, size do
    local mask = stream((at - 1) / size)
    for i = at, math.min(at + size - 1, #bytes) do
      out[#out + 1] = string.char(bxor(bytes:byte(i), mask:byte(i - at + 1)))
    end
  end
  return table.concat(out)
end

local function big_endian(...)
  local out = {}
  for _, w in ipairs({ ... }) do out[#out + 1] = string.char(byte_of(w, 0), byte_of(w, 1), byte_of(w, 2), byte_of(w, 3)) end
  return table.concat(out)
end

-- The counter mode inside GCM, SP 800-38D: the tag is not looked at.
local function decrypt_gcm(key, nonce, bytes)
  local schedule = expand_key(key, false)
  local a, b, c = word(nonce:byte(1, 4)), word(nonce:byte(5, 8)), word(nonce:byte(9, 12))
  return cover(bytes, 16, function(block) return big_endian(encrypt_block(schedule, a, b, c, block + 2)) end)
end

---- ChaCha20, RFC 8439 ---------------------------------------------------------------------------------------------------------

local function add(a, b) return band(a + b, 0xffffffff) end

local function rotate(x, by) return bor(lshift(x, by), rshift(x, 32 - by)) end

local function quarter(s, a, b, c, d)
  s[a] = add(s[a], s[b]); s[d] = rotate(bxor(s[d], s[a]), 16)
  s[c] = add(s[c], s[d]); s[b] = rotate(bxor(s[b], s[c]), 12)
  s[a] = add(s[a], s[b]); s[d] = rotate(bxor(s[d], s[a]), 8)
  s[c] = add(s[c], s[d]); s[b] = rotate(bxor(s[b], s[c]), 7)
end

local function little_endian(text, at)
  local a, b, c, d = text:byte(at, at + 3)
  return word(d, c, b, a)
end

local function chacha_block(key, nonce, counter)
  local start, s, out = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, {}, {}
  for i = 0, 7 do start[5 + i] = little_endian(key, 4 * i + 1) end
  start[13] = counter
  for i = 0, 2 do start[14 + i] = little_endian(nonce, 4 * i + 1) end
  for i = 1, 16 do s[i] = start[i] end
  for _ = 1, 10 do
    quarter(s, 1, 5, 9, 13); quarter(s, 2, 6, 10, 14); quarter(s, 3, 7, 11, 15); quarter(s, 4, 8, 12, 16)
    quarter(s, 1, 6, 11, 16); quarter(s, 2, 7, 12, 13); quarter(s, 3, 8, 9, 14); quarter(s, 4, 5, 10, 15)
  end
  for i = 1, 16 do
    local w = add(s[i], start[i])
    out[i] = string.char(byte_of(w, 3), byte_of(w, 2), byte_of(w, 1), byte_of(w, 0))
  end
  return table.concat(out)
end

local function decrypt_chacha(key, nonce, bytes)
  return cover(bytes, 64, function(block) return chacha_block(key, nonce, block + 1) end)
end

-- The simple checksum of RFC 7425 s4.7.3.1.
local function checksum_of(bytes)
  local sum = 0
  for at = 1, #bytes - 1, 2 do
    local high, low = bytes:byte(at, at + 1)
    sum = sum + high * 256 + low
  end
  if #bytes % 2 == 1 then sum = sum + bytes:byte(#bytes) end
  while sum > 0xffff do sum = sum % 65536 + math.floor(sum / 65536) end
  return 0xffff - sum
end

---- Fields ---------------------------------------------------------------------------------------------------------------------

local rtmfp = Proto("rtmfp", "Secure Real-Time Media Flow Protocol")

local MODES = { [0] = "Forbidden", [1] = "Initiator", [2] = "Responder", [3] = "Startup" }
local CHUNKS = {
  [0x00] = "Padding", [0x01] = "Ping", [0x0c] = "Session Close Request", [0x0f] = "Forwarded Initiator Hello",
  [0x10] = "User Data", [0x11] = "Next User Data", [0x18] = "Buffer Probe", [0x30] = "Initiator Hello",
  [0x38] = "Initiator Initial Keying", [0x41] = "Ping Reply", [0x4c] = "Session Close Acknowledgement",
  [0x50] = "Data Acknowledgement Bitmap", [0x51] = "Data Acknowledgement Ranges", [0x5e] = "Flow Exception Report",
  [0x70] = "Responder Hello", [0x71] = "Responder Redirect", [0x78] = "Responder Initial Keying",
  [0x79] = "RHello Cookie Change", [0x7f] = "Packet Fragment", [0xec] = "ECN Report", [0xff] = "Padding",
}
local FRAGMENTS = { [0] = "whole", [1] = "begin", [2] = "end", [3] = "middle" }
local ORIGINS = { [0] = "unknown", [1] = "local", [2] = "observed", [3] = "relay" }
local GROUPS = { [2] = "MODP 1024", [5] = "MODP 1536", [14] = "MODP 2048", [16] = "MODP 4096", [31] = "X25519" }
local EPD_OPTIONS = { [0x00] = "Required Hostname", [0x0a] = "Ancillary Data", [0x0f] = "Fingerprint", [0x2a01] = "Introduction handle" }
local CERTIFICATE_OPTIONS = {
  [0x00] = "Hostname", [0x0a] = "Accepts Ancillary Data", [0x0e] = "Extra Randomness",
  [0x15] = "Supported Ephemeral Diffie-Hellman Group", [0x1d] = "Static Diffie-Hellman Public Key", [0x2a03] = "AEADs",
}
local KEYING_OPTIONS = {
  [0x0d] = "Ephemeral Diffie-Hellman Public Key", [0x0e] = "Extra Randomness", [0x1a] = "HMAC Negotiation",
  [0x1d] = "Diffie-Hellman Group Select", [0x1e] = "Session Sequence Number Negotiation", [0x2a02] = "Features", [0x2a03] = "AEAD",
}

local HEX, DEC = base.HEX, base.DEC
local f = {
  scrambled = ProtoField.uint32("rtmfp.scrambled_session_id", "Scrambled session id", HEX),
  session_id = ProtoField.uint32("rtmfp.session_id", "Session id", HEX),
  key = ProtoField.string("rtmfp.key", "Key"),
  encrypted = ProtoField.bytes("rtmfp.encrypted", "Encrypted packet"),
  sequence = ProtoField.uint64("rtmfp.session_sequence_number", "Session sequence number", DEC),
  checksum = ProtoField.uint16("rtmfp.checksum", "Checksum", HEX),
  hmac = ProtoField.bytes("rtmfp.hmac", "HMAC"),
  aead_tag = ProtoField.bytes("rtmfp.aead_tag", "Tag of the AEAD"),
  flags = ProtoField.uint8("rtmfp.flags", "Flags", HEX),
  time_critical = ProtoField.bool("rtmfp.flags.time_critical", "Time critical", 8, nil, 0x80),
  time_critical_reverse = ProtoField.bool("rtmfp.flags.time_critical_reverse", "Time critical reverse", 8, nil, 0x40),
  has_timestamp = ProtoField.bool("rtmfp.flags.timestamp", "Timestamp present", 8, nil, 0x08),
  has_timestamp_echo = ProtoField.bool("rtmfp.flags.timestamp_echo", "Timestamp echo present", 8, nil, 0x04),
  mode = ProtoField.uint8("rtmfp.mode", "Mode", DEC, MODES, 0x03),
  timestamp = ProtoField.uint16("rtmfp.timestamp", "Timestamp (4 ms)", DEC),
  timestamp_echo = ProtoField.uint16("rtmfp.timestamp_echo", "Timestamp echo (4 ms)", DEC),
  chunk = ProtoField.uint8("rtmfp.chunk.type", "Chunk", HEX, CHUNKS),
  length = ProtoField.uint16("rtmfp.chunk.length", "Length", DEC),
  payload = ProtoField.bytes("rtmfp.chunk.payload", "Payload"),
  padding = ProtoField.bytes("rtmfp.padding", "Padding"),
  epd = ProtoField.bytes("rtmfp.epd", "Endpoint discriminator"),
  certificate = ProtoField.bytes("rtmfp.certificate", "Certificate"),
  component = ProtoField.bytes("rtmfp.keying_component", "Session key component"),
  option = ProtoField.uint32("rtmfp.option.type", "Option", HEX),
  marker = ProtoField.bytes("rtmfp.option.marker", "Marker"),
  hostname = ProtoField.string("rtmfp.hostname", "Hostname"),
  ancillary = ProtoField.string("rtmfp.ancillary_data", "Ancillary data"),
  fingerprint = ProtoField.bytes("rtmfp.fingerprint", "Fingerprint"),
  handle = ProtoField.bytes("rtmfp.introduction_handle", "Introduction handle"),
  randomness = ProtoField.bytes("rtmfp.extra_randomness", "Extra randomness"),
  group = ProtoField.uint64("rtmfp.group", "Diffie-Hellman group", DEC),
  public_key = ProtoField.bytes("rtmfp.public_key", "Public key"),
  negotiation = ProtoField.uint8("rtmfp.negotiation", "Negotiation", HEX),
  sends_always = ProtoField.bool("rtmfp.negotiation.sends_always", "Sends always", 8, nil, 0x04),
  sends_on_request = ProtoField.bool("rtmfp.negotiation.sends_on_request", "Sends on request", 8, nil, 0x02),
  requests = ProtoField.bool("rtmfp.negotiation.requests", "Requests", 8, nil, 0x01),
  hmac_length = ProtoField.uint64("rtmfp.hmac_length", "HMAC length", DEC),
  value = ProtoField.bytes("rtmfp.option.value", "Value"),
  tag = ProtoField.bytes("rtmfp.tag", "Tag"),
  cookie = ProtoField.bytes("rtmfp.cookie", "Cookie"),
  old_cookie = ProtoField.bytes("rtmfp.old_cookie", "Old cookie"),
  near_id = ProtoField.uint32("rtmfp.keying.session_id", "Session id of the sender", HEX),
  signature = ProtoField.bytes("rtmfp.signature", "Signature"),
  address = ProtoField.string("rtmfp.address", "Address"),
  origin = ProtoField.uint8("rtmfp.address.origin", "Origin", DEC, ORIGINS, 0x03),
  ipv4 = ProtoField.ipv4("rtmfp.address.ipv4", "IPv4"),
  ipv6 = ProtoField.ipv6("rtmfp.address.ipv6", "IPv6"),
  port = ProtoField.uint16("rtmfp.address.port", "Port", DEC),
  more_fragments = ProtoField.bool("rtmfp.fragment.more", "More fragments", 8, nil, 0x80),
  packet_id = ProtoField.uint64("rtmfp.fragment.packet_id", "Packet id", DEC),
  fragment_number = ProtoField.uint64("rtmfp.fragment.number", "Fragment number", DEC),
  fragment_data = ProtoField.bytes("rtmfp.fragment.data", "Fragment"),
  message = ProtoField.bytes("rtmfp.ping.message", "Message"),
  flow_id = ProtoField.uint64("rtmfp.flow_id", "Flow", DEC),
  has_options = ProtoField.bool("rtmfp.data.options", "Options present", 8, nil, 0x80),
  fragment = ProtoField.uint8("rtmfp.data.fragment", "Fragment", DEC, FRAGMENTS, 0x30),
  abandon = ProtoField.bool("rtmfp.data.abandon", "Abandoned", 8, nil, 0x02),
  final = ProtoField.bool("rtmfp.data.final", "Final", 8, nil, 0x01),
  sequence_number = ProtoField.uint64("rtmfp.data.sequence_number", "Sequence number", DEC),
  fsn_offset = ProtoField.uint64("rtmfp.data.fsn_offset", "Forward sequence number offset", DEC),
  metadata = ProtoField.bytes("rtmfp.data.metadata", "Metadata"),
  association = ProtoField.uint64("rtmfp.data.association", "Return flow of", DEC),
  data = ProtoField.bytes("rtmfp.data", "Data"),
  buffer = ProtoField.uint64("rtmfp.ack.buffer_available", "Buffer available (1024 octets)", DEC),
  cumulative = ProtoField.uint64("rtmfp.ack.cumulative", "Cumulative acknowledgement", DEC),
  range = ProtoField.string("rtmfp.ack.range", "Range"),
  bitmap = ProtoField.bytes("rtmfp.ack.bitmap", "Bitmap"),
  code = ProtoField.uint64("rtmfp.exception.code", "Exception code", DEC),
}
local list = {}
for _, field in pairs(f) do list[#list + 1] = field end
rtmfp.fields = list

local bad_checksum = ProtoExpert.new("rtmfp.checksum.bad", "The checksum is wrong", expert.group.CHECKSUM, expert.severity.ERROR)
local broken = ProtoExpert.new("rtmfp.broken", "The packet breaks its grammar", expert.group.MALFORMED, expert.severity.ERROR)
rtmfp.experts = { bad_checksum, broken }

rtmfp.prefs.key_file = Pref.string("Capture with session keys", "",
  "A file written by ahoy-cli --capture FILE --capture-keys (or ahoyd, or an example): packets of its sessions are decrypted")

---- Reading --------------------------------------------------------------------------------------------------------------------

-- A variable length unsigned at an offset of tvb: its value and size, or nil when tvb ends before it does. RFC 7016 s2.1.2
local function read_vlu(tvb, at)
  local value, size = 0, 0
  while at + size < tvb:len() do
    local byte = tvb(at + size, 1):uint()
    value, size = value * 128 + byte % 128, size + 1
    if byte < 128 then return value, size end
  end
  return nil
end

-- Walks through one chunk's payload, adding to its tree.
local Cursor = {}
Cursor.__index = Cursor

local function cursor(tvb, tree) return setmetatable({ tvb = tvb, tree = tree, at = 0 }, Cursor) end

function Cursor:left() return self.tvb:len() - self.at end

function Cursor:fail() error({ broken = true }) end

function Cursor:vlu(field, tree)
  local value, size = read_vlu(self.tvb, self.at)
  if not value then self:fail() end
  local item = field and (tree or self.tree):add(field, self.tvb(self.at, size), UInt64(value % 4294967296, math.floor(value / 4294967296)))
  self.at = self.at + size
  return value, item
end

function Cursor:take(size)
  if size > self:left() then self:fail() end
  self.at = self.at + size
  return size > 0 and self.tvb(self.at - size, size) or nil
end

function Cursor:bytes(field, size)
  local range = self:take(size)
  if range then return self.tree:add(field, range), range end
end

function Cursor:counted(field) return self:bytes(field, (self:vlu())) end

function Cursor:rest(field) return self:bytes(field, self:left()) end

---- Options: length, type, value -----------------------------------------------------------------------------------------------

-- each(tree, type, value) with value a tvb or nil. A marker (length 0) ends them when ends is set. Returns the octets read.
local function read_options(tvb, tree, names, each, ends)
  local c = cursor(tvb, tree)
  while c:left() > 0 do
    local start = c.at
    local length = c:vlu()
    if length == 0 then
      tree:add(f.marker, tvb(start, 1))
      if ends then break end
    else
      local body = c:take(length)
      local kind, size = read_vlu(body:tvb(), 0)
      if not kind then c:fail() end
      local item = tree:add(f.option, tvb(start, c.at - start), math.min(kind, 4294967295))
      item:append_text(" " .. (names[kind] or "unknown"))
      each(item, kind, length > size and body(size, length - size) or nil)
    end
  end
  return c.at
end

local function add_group(tree, value, key_field)
  local c = cursor(value:tvb(), tree)
  local group, item = c:vlu(f.group)
  item:append_text(GROUPS[group] and " (" .. GROUPS[group] .. ")" or "")
  if key_field then c:rest(key_field) end
end

local function add_negotiation(tree, value, has_length)
  local item = tree:add(f.negotiation, value(0, 1))
  for _, field in ipairs({ f.sends_always, f.sends_on_request, f.requests }) do item:add(field, value(0, 1)) end
  if has_length and value:len() > 1 then
    local c = cursor(value:tvb(), tree)
    c:take(1)
    c:vlu(f.hmac_length)
  end
end

local function epd_option(tree, kind, value)
  if not value then return end
  local fields = { [0x00] = f.hostname, [0x0a] = f.ancillary, [0x0f] = f.fingerprint, [0x2a01] = f.handle }
  tree:add(fields[kind] or f.value, value)
end

local function certificate_option(tree, kind, value)
  if not value then return end
  if kind == 0x15 then add_group(tree, value)
  elseif kind == 0x1d then add_group(tree, value, f.public_key)
  else tree:add(kind == 0x00 and f.hostname or kind == 0x0e and f.randomness or f.value, value) end
end

local function keying_option(tree, kind, value)
  if not value then return end
  if kind == 0x0d then add_group(tree, value, f.public_key)
  elseif kind == 0x1d then add_group(tree, value)
  elseif kind == 0x1a or kind == 0x1e then add_negotiation(tree, value, kind == 0x1a)
  else tree:add(kind == 0x0e and f.randomness or f.value, value) end
end

local function with_options(c, field, size, names, each)
  local item, range = c:bytes(field, size)
  if item then read_options(range:tvb(), item, names, each) end
end

local function read_epd(c) with_options(c, f.epd, (c:vlu()), EPD_OPTIONS, epd_option) end

local function read_address(c)
  local flags = c:take(1)
  local is_ipv6 = flags:uint() >= 0x80
  local ip, port = c:take(is_ipv6 and 16 or 4), c:take(2)
  local host = is_ipv6 and "[" .. tostring(ip:ipv6()) .. "]" or tostring(ip:ipv4())
  local item = c.tree:add(f.address, c.tvb(c.at - port:len() - ip:len() - 1, 3 + ip:len()), host .. ":" .. port:uint())
  item:add(f.origin, flags)
  item:add(is_ipv6 and f.ipv6 or f.ipv4, ip)
  item:add(f.port, port)
end

---- Chunks, RFC 7016 s2.3 ------------------------------------------------------------------------------------------------------

local read = {}
local dissect_packet

read[0x30] = function(c)
  read_epd(c)
  c:rest(f.tag)
end

read[0x0f] = function(c)
  read_epd(c)
  read_address(c)
  c:rest(f.tag)
end

read[0x70] = function(c)
  c:counted(f.tag)
  c:counted(f.cookie)
  with_options(c, f.certificate, c:left(), CERTIFICATE_OPTIONS, certificate_option)
end

read[0x71] = function(c)
  c:counted(f.tag)
  while c:left() > 0 do read_address(c) end
end

read[0x79] = function(c)
  c:counted(f.old_cookie)
  c:rest(f.cookie)
end

read[0x38] = function(c)
  c:bytes(f.near_id, 4)
  c:counted(f.cookie)
  with_options(c, f.certificate, (c:vlu()), CERTIFICATE_OPTIONS, certificate_option)
  with_options(c, f.component, (c:vlu()), KEYING_OPTIONS, keying_option)
  c:rest(f.signature)
end

read[0x78] = function(c)
  c:bytes(f.near_id, 4)
  with_options(c, f.component, (c:vlu()), KEYING_OPTIONS, keying_option)
  c:rest(f.signature)
end

local pieces, wholes = {}, {} -- of packets in fragments: by their ends and id; whole ones by the frame that ended them

read[0x7f] = function(c, pinfo, root)
  local flags = c:take(1)
  c.tree:add(f.more_fragments, flags)
  local id, number = c:vlu(f.packet_id), c:vlu(f.fragment_number)
  local _, data = c:rest(f.fragment_data)
  if not pinfo.visited and data then
    local key = table.concat({ tostring(pinfo.src), pinfo.src_port, tostring(pinfo.dst), pinfo.dst_port, id }, " ")
    local packet = pieces[key] or { parts = {} }
    pieces[key] = packet
    packet.parts[number] = data:tvb():raw()
    if flags:uint() < 0x80 then packet.count = number + 1 end
    local text = {}
    for i = 0, (packet.count or 0) - 1 do text[#text + 1] = packet.parts[i] end
    if packet.count and #text == packet.count then
      wholes[pinfo.number], pieces[key] = table.concat(text), nil
    end
  end
  if wholes[pinfo.number] then
    dissect_packet(ByteArray.new(wholes[pinfo.number], true):tvb("Packet of fragments"), pinfo, root)
  end
end

read[0x01] = function(c) c:rest(f.message) end
read[0x41] = read[0x01]
read[0x0c] = function() end
read[0x4c] = read[0x0c]

local function data_flags(c)
  local flags = c:take(1)
  for _, field in ipairs({ f.has_options, f.fragment, f.abandon, f.final }) do c.tree:add(field, flags) end
  return flags:uint()
end

local function flow_option(tree, kind, value)
  if value and kind == 0x0a then cursor(value:tvb(), tree):vlu(f.association)
  elseif value then tree:add(kind == 0x00 and f.metadata or f.value, value) end
end

local FLOW_OPTIONS = { [0x00] = "Metadata", [0x0a] = "Return Flow Association" }

local function data_body(c, flags)
  if flags >= 0x80 and c:left() > 0 then
    c:take(read_options(c.tvb(c.at, c:left()):tvb(), c.tree, FLOW_OPTIONS, flow_option, true))
  end
  c:rest(f.data)
end

read[0x10] = function(c)
  local flags = data_flags(c)
  c:vlu(f.flow_id)
  c:vlu(f.sequence_number)
  c:vlu(f.fsn_offset)
  data_body(c, flags)
end

read[0x11] = function(c) data_body(c, data_flags(c)) end
read[0x18] = function(c) c:vlu(f.flow_id) end

local function ack_head(c)
  c:vlu(f.flow_id)
  c:vlu(f.buffer)
  return c:vlu(f.cumulative)
end

read[0x51] = function(c)
  local last = ack_head(c)
  while c:left() > 0 do
    local start = c.at
    local first = last + c:vlu() + 2
    last = first + c:vlu()
    c.tree:add(f.range, c.tvb(start, c.at - start), string.format("%.0f-%.0f", first, last))
  end
end

read[0x50] = function(c)
  ack_head(c)
  c:rest(f.bitmap)
end

read[0x5e] = function(c)
  c:vlu(f.flow_id)
  c:vlu(f.code)
end

---- Packets --------------------------------------------------------------------------------------------------------------------

local function read_header(c)
  local flags = c:take(1)
  local item = c.tree:add(f.flags, flags)
  for _, field in ipairs({ f.time_critical, f.time_critical_reverse, f.has_timestamp, f.has_timestamp_echo, f.mode }) do
    item:add(field, flags)
  end
  if band(flags:uint(), 0x08) ~= 0 then c:bytes(f.timestamp, 2) end
  if band(flags:uint(), 0x04) ~= 0 then c:bytes(f.timestamp_echo, 2) end
end

local function read_chunks(c, pinfo, names)
  while c:left() > 0 do
    local kind = c.tvb(c.at, 1):uint()
    if kind == 0xff or c:left() < 3 or c.tvb(c.at + 1, 2):uint() > c:left() - 3 then
      c:rest(f.padding)
      return
    end
    local length = c.tvb(c.at + 1, 2):uint()
    local item = c.tree:add(f.chunk, c.tvb(c.at, 1))
    item:set_len(3 + length)
    item:add(f.length, c.tvb(c.at + 1, 2))
    c:take(3)
    names[#names + 1] = CHUNKS[kind] or string.format("chunk 0x%02x", kind)
    local payload = c:take(length)
    if payload and read[kind] then
      local inner = cursor(payload:tvb(), item)
      local ok, why = pcall(read[kind], inner, pinfo, c.tree)
      if not ok and type(why) == "table" then item:add_proto_expert_info(broken)
      elseif not ok then error(why, 0) end
    elseif payload then
      item:add(kind == 0 and f.padding or f.payload, payload)
    end
  end
end

function dissect_packet(tvb, pinfo, tree)
  local c, names = cursor(tvb, tree), {}
  local ok, why = pcall(function()
    read_header(c)
    read_chunks(c, pinfo, names)
  end)
  if not ok and type(why) == "table" then tree:add_proto_expert_info(broken)
  elseif not ok then error(why, 0) end
  pinfo.cols.info:append((" " .. table.concat(names, ", ")))
end

---- Keys -----------------------------------------------------------------------------------------------------------------------

local keys, keys_path = {}, nil -- by session id: how packets with it are protected

local function from_hex(text) return (text:gsub("%x%x", function(two) return string.char(tonumber(two, 16)) end)) end

local function load_keys()
  if keys_path == rtmfp.prefs.key_file then return end
  keys, keys_path = {}, rtmfp.prefs.key_file
  local file = keys_path ~= "" and io.open(keys_path, "r")
  for line in file and file:lines() or function() end do
    if line:find('"name":"rtmfp:session_keys"', 1, true) then
      local function text(name) return line:match('"' .. name .. '":"(%x+)"') end
      for _, way in ipairs({ { "far", "encrypt", "hmac_send", "sends" }, { "near", "decrypt", "hmac_receive", "receives" } }) do
        keys[tonumber(text(way[1] .. "_session_id"), 16)] = {
          suite = line:match('"suite":"([^"]+)"'),
          key = from_hex(text(way[2] .. "_key")),
          iv = from_hex(text(way[2] .. "_iv") or ""),
          hmac = tonumber(line:match('"' .. way[3] .. '_length":(%d+)')),
          sequence = line:match('"' .. way[4] .. '_sequence":(%a+)') == "true",
        }
      end
    end
  end
  if file then file:close() end
end

---- Datagrams ------------------------------------------------------------------------------------------------------------------

-- RFC 7016 s2.2.2
local function session_id_of(tvb)
  local id = bxor(tvb(0, 4):uint(), tvb(4, 4):uint(), tvb(8, 4):uint())
  return id < 0 and id + 4294967296 or id
end

-- The plain text of a startup packet, or nil when it is none: its checksum tells.
local function open_startup(tvb)
  local size = tvb:len() - 4
  if size < 16 or size % 16 ~= 0 then return nil end
  local bytes = tvb:raw(4)
  local head = decrypt_cbc(DEFAULT_KEY, bytes, 1)
  if band(head:byte(3), 0x33) ~= 0x03 then return nil end
  local plain = decrypt_cbc(DEFAULT_KEY, bytes)
  return checksum_of(plain:sub(3)) == plain:byte(1) * 256 + plain:byte(2) and plain or nil
end

local function show_plain(plain, way, pinfo, tree)
  local tvb = ByteArray.new(plain, true):tvb("Decrypted RTMFP")
  local c = cursor(tvb, tree)
  if way.sequence then c:vlu(f.sequence) end
  if way.hmac == 0 then
    local item, range = c:bytes(f.checksum, 2)
    if checksum_of(plain:sub(c.at + 1)) ~= range:uint() then item:add_proto_expert_info(bad_checksum) end
  end
  dissect_packet(tvb(c.at, c:left()):tvb(), pinfo, tree)
end

-- Sessions of docs/protocol.md, "AEAD": number, sealed packet, tag.
local SEALED = { ["AES-128-GCM"] = decrypt_gcm, ["ChaCha20-Poly1305"] = decrypt_chacha }

local function show_sealed(tvb, way, pinfo, tree)
  local c = cursor(tvb(4):tvb(), tree)
  local number = c:vlu(f.sequence)
  local high, low = math.floor(number / 4294967296), number % 4294967296
  local nonce = way.iv:sub(1, 4) .. big_endian(bxor(word(way.iv:byte(5, 8)), high), bxor(word(way.iv:byte(9, 12)), low))
  local bytes = c:take(c:left() - 16)
  c:rest(f.aead_tag)
  local plain = SEALED[way.suite](way.key, nonce, bytes:bytes():raw())
  dissect_packet(ByteArray.new(plain, true):tvb("Decrypted RTMFP"), pinfo, tree)
end

local function is_whole(tvb, way)
  local size = tvb:len() - 4 - way.hmac
  return SEALED[way.suite] and size >= 18 or way.suite == "AES-128-CBC" and size >= 16 and size % 16 == 0
end

local function dissect(tvb, pinfo, root, startup)
  pinfo.cols.protocol = "RTMFP"
  local id = session_id_of(tvb)
  local tree = root:add(rtmfp, tvb(), "RTMFP, session id " .. string.format("0x%08x", id))
  tree:add(f.scrambled, tvb(0, 4))
  tree:add(f.session_id, tvb(0, 4), id):set_generated()
  local way = keys[id]
  pinfo.cols.info = string.format("Session 0x%08x:", id)
  if startup then
    tree:add(f.key, "default"):set_generated()
    show_plain(startup, { hmac = 0 }, pinfo, tree)
  elseif way and is_whole(tvb, way) and SEALED[way.suite] then
    tree:add(f.key, "exported"):set_generated()
    show_sealed(tvb, way, pinfo, tree)
  elseif way and is_whole(tvb, way) then
    tree:add(f.key, "exported"):set_generated()
    if way.hmac > 0 then tree:add(f.hmac, tvb(tvb:len() - way.hmac, way.hmac)) end
    show_plain(decrypt_cbc(way.key, tvb:raw(4, tvb:len() - 4 - way.hmac)), way, pinfo, tree)
  else
    tree:add(f.key, "unknown"):set_generated()
    tree:add(f.encrypted, tvb(4))
    pinfo.cols.info:append(string.format(" encrypted, %d octets", tvb:len() - 4))
  end
end

function rtmfp.init()
  pieces, wholes, keys_path = {}, {}, nil
end

function rtmfp.dissector(tvb, pinfo, root)
  if tvb:len() < 20 then return 0 end
  load_keys()
  dissect(tvb, pinfo, root, open_startup(tvb))
  return tvb:len()
end

-- On any port, by a startup packet to session id 0; what follows between the two is RTMFP, too.
local function heuristic(tvb, pinfo, root)
  if tvb:len() < 20 or session_id_of(tvb) ~= 0 then return false end
  local plain = open_startup(tvb)
  if not plain then return false end
  load_keys()
  pinfo.conversation = rtmfp
  dissect(tvb, pinfo, root, plain)
  return true
end

rtmfp:register_heuristic("udp", heuristic)
DissectorTable.get("udp.port"):add(DEFAULT_PORT, rtmfp)
