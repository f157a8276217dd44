#include "commissioning/frame_words.hpp"

#include "base/hex.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/explain.hpp"
#include "protocols/modbus/explain.hpp"

namespace iw::commissioning {

Result<FrameWords> explain_hex(std::string_view text, bool pdu) {
  const auto bytes = parse_hex(text);
  if (!bytes) return fail(bytes.error());
  FrameWords words{.frame = to_hex(*bytes), .whole = true, .meaning = {}};
  if (pdu) {
    words.whole = modbus::is_pdu(*bytes);
    words.meaning = modbus::explain_pdu(*bytes);
  } else if (bacnet::is_frame(*bytes)) {
    words.meaning = bacnet::explain_frame(*bytes);
  } else {
    words.whole = modbus::is_frame(*bytes);
    words.meaning = modbus::explain_frame(*bytes);
  }
  return words;
}

nlohmann::ordered_json to_json(const FrameWords& words) {
  return {{"frame", words.frame}, {"whole", words.whole}, {"meaning", words.meaning}};
}

}  // namespace iw::commissioning
