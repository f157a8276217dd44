#include <array>

#include <doctest/doctest.h>

#include "config/record.hpp"

using namespace iw;
using namespace iw::config;

namespace {

enum class Parity : std::uint8_t { none, even, odd };
constexpr std::array<Word<Parity>, 3> parities{
    {{"none", Parity::none}, {"even", Parity::even}, {"odd", Parity::odd}}};

struct Device {
  std::string name;
  int unit = 1;
  double scale = 1;
  bool enabled = true;
  Duration timeout = 1s;
  Parity parity = Parity::none;
  std::optional<std::uint16_t> port;
  std::vector<std::uint16_t> registers;
  const Value* place = nullptr;
};

struct Site {
  std::vector<Device> devices;
  const Value* driver = nullptr;
};

const Record<Device>& device_record() {
  static const auto record = Record<Device>()
                                 .place(&Device::place)
                                 .required("name", &Device::name, text(), "what people call it")
                                 .optional("unit", &Device::unit, integer(1, 247), "unit id")
                                 .optional("scale", &Device::scale, number(0, 10), "factor")
                                 .optional("enabled", &Device::enabled, boolean(), "whether it is polled")
                                 .optional("timeout", &Device::timeout, duration(10ms, 1min), "patience")
                                 .optional("parity", &Device::parity, one_of(parities), "of the serial line")
                                 .optional("port", &Device::port, integer(1, 65535), "TCP port")
                                 .optional("registers", &Device::registers,
                                           list_of<std::uint16_t>(integer(0, 65535)), "which to read");
  return record;
}

const Record<Site>& site_record() {
  static const auto record =
      Record<Site>()
          .required("devices", &Site::devices, list_of<Device>(device_record()), "the devices of the site")
          .optional("driver", &Site::driver, anything(), "settings of the driver");
  return record;
}

struct Read {
  Site site;
  bool good = false;
  Findings findings;
};

Read read(std::string_view text) {
  Read r;
  const auto document = Document::parse("interwatt.yaml", text, r.findings);
  if (document) r.good = site_record().read(document->root(), r.site, r.findings);
  r.site.driver = nullptr;  // the document ends here
  return r;
}

// The only finding of a text, as people see it.
std::string finding(std::string_view text) {
  const Read r = read(text);
  CHECK_FALSE(r.good);
  REQUIRE(r.findings.size() == 1);
  return to_string(r.findings[0]);
}

std::string device(std::string_view line) { return fmt::format("devices:\n  - name: a\n    {}\n", line); }

std::string parse_error(std::string_view text, const DocumentLimits& limits = {}) {
  Findings findings;
  CHECK_FALSE(Document::parse("f.yaml", text, findings, limits).has_value());
  REQUIRE(findings.size() == 1);
  return to_string(findings[0]);
}

}  // namespace

TEST_CASE("a Document knows kind, text and place of every value") {
  Findings findings;
  const auto document =
      Document::parse("f.yaml", "a: 1\nlist:\n  - {x: \"2\"}\n  - ~\nb: |\n  long\n  text\n", findings);
  REQUIRE(document);
  CHECK(findings.empty());
  const Value& root = document->root();
  CHECK(root.kind == Kind::map);
  CHECK(root.children.size() == 3);
  const Value& list = *root.find("list");
  CHECK(list.kind == Kind::list);
  const Value& x = *list.children[0].find("x");
  CHECK(x.text == "2");
  CHECK(x.quoted);
  CHECK(x.place() == Place{.file = "f.yaml", .line = 3, .column = 9, .key = "list[0].x"});
  CHECK(x.key_place() == Place{.file = "f.yaml", .line = 3, .column = 6, .key = "list[0].x"});
  CHECK(list.children[1].kind == Kind::null);
  CHECK(list.children[1].path() == "list[1]");
  CHECK(root.find("b")->text == "long\ntext\n");
  CHECK_FALSE(root.find("a")->quoted);
  CHECK(root.find("c") == nullptr);
}

TEST_CASE("values survive the move of their Document") {
  Findings findings;
  auto document = Document::parse("f.yaml", "a: {b: 1}", findings);
  const Value* b = document->root().find("a")->find("b");
  const Document moved = std::move(*document);
  CHECK(b->place() == Place{.file = "f.yaml", .line = 1, .column = 8, .key = "a.b"});
}

TEST_CASE("an empty file is a null value, not an error") {
  Findings findings;
  const auto document = Document::parse("f.yaml", "# nothing\n", findings);
  REQUIRE(document);
  CHECK(document->root().kind == Kind::null);
}

TEST_CASE("what is no YAML is found with line and column") {
  CHECK(parse_error("a: [1, 2\nb: 3\n").starts_with("f.yaml:2:2: this is no YAML: "));
  CHECK(parse_error("a: 1\n\tb: 2\n").starts_with("f.yaml:2:1: this is no YAML: "));
  CHECK(parse_error("a: *nowhere\n").starts_with("f.yaml:1:4: this is no YAML: "));
}

TEST_CASE("a key that stands twice is found where it stands the second time") {
  CHECK(parse_error("a: 1\nb: 2\na: 3\n") == "f.yaml:3:1: the key 'a' stands here twice, first in line 1");
  CHECK(parse_error("- {a: 1}\n- {a: 1, a: 2}\n") ==
        "f.yaml:2:10: the key 'a' stands here twice, first in line 2");
}

TEST_CASE("keys are words, and a file is one document") {
  CHECK(parse_error("{a: 1}: 2\n") == "f.yaml:1:1: a key has to be a word, not a list or map");
  CHECK(parse_error("~: 2\n") == "f.yaml:1:1: a key has to be a word");
  CHECK(parse_error("a: 1\n---\nb: 1\n").starts_with("f.yaml:3:1: a second document begins here"));
}

TEST_CASE("aliases are copies that keep the place of their anchor and get their own key") {
  Findings findings;
  const auto document = Document::parse("f.yaml", "a: &x {k: 1}\nb: *x\n", findings);
  REQUIRE(document);
  const Value& k = *document->root().find("b")->find("k");
  CHECK(k.place() == Place{.file = "f.yaml", .line = 1, .column = 11, .key = "b.k"});
}

TEST_CASE("a file can not grow without bounds by aliases, depth or bytes") {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    const auto last = static_cast<char>(c - 1);
    bomb += fmt::format("{0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n", c, last);
  }
  CHECK(parse_error(bomb).find("aliases included") != std::string::npos);
  CHECK(parse_error("a: &a 0123456789\nb: [*a, *a, *a]\n", {.bytes = 35})
            .starts_with("f.yaml:2:13: the file has more"));
  CHECK(parse_error("a: &a [*a]\n") == "f.yaml:1:8: the alias stands inside its own anchor");
  CHECK(parse_error(std::string(40, '[') + std::string(40, ']')) ==
        "f.yaml:1:33: lists and maps are nested more than 32 deep");
  CHECK(parse_error(std::string(5000, '[')).starts_with("f.yaml:1:"));
  CHECK(parse_error("a: 12345", {.bytes = 4}) == "f.yaml: the file has more than 4 bytes");
}

TEST_CASE("a record reads every kind of field, and what is not there keeps its default") {
  const Read r = read(
      "devices:\n"
      "  - {name: one, unit: 0x1F, scale: 0.5, enabled: false, timeout: 250ms, parity: even, port: 502,\n"
      "     registers: [1, 0x10]}\n"
      "  - name: two\n");
  CHECK(to_string(r.findings) == "");
  REQUIRE(r.good);
  const Device& one = r.site.devices[0];
  CHECK(one.name == "one");
  CHECK(one.unit == 31);
  CHECK(one.scale == 0.5);
  CHECK_FALSE(one.enabled);
  CHECK(one.timeout == 250ms);
  CHECK(one.parity == Parity::even);
  CHECK(one.port == 502);
  CHECK(one.registers == std::vector<std::uint16_t>{1, 16});
  const Device& two = r.site.devices[1];
  CHECK(two.unit == 1);
  CHECK(two.timeout == 1s);
  CHECK_FALSE(two.port.has_value());
}

TEST_CASE("each thing that is wrong is said with place, key and what is allowed") {
  CHECK(finding(device("unit: 300")) ==
        "interwatt.yaml:3:11: devices[0].unit: 300 is out of range, allowed are 1 to 247");
  CHECK(finding(device("unit: one")) ==
        "interwatt.yaml:3:11: devices[0].unit: expected a whole number from 1 to 247, found 'one'");
  CHECK(finding(device("unit: 1.5")) ==
        "interwatt.yaml:3:11: devices[0].unit: expected a whole number from 1 to 247, found '1.5'");
  CHECK(finding(device("unit: \"1\"")) ==
        "interwatt.yaml:3:11: devices[0].unit: expected a whole number from 1 to 247, found the text '1'");
  CHECK(finding(device("unit: 010")) ==
        "interwatt.yaml:3:11: devices[0].unit: expected a whole number from 1 to 247, found '010'");
  CHECK(finding(device("unit: [1]")) ==
        "interwatt.yaml:3:11: devices[0].unit: expected a whole number from 1 to 247, found a list");
  CHECK(finding(device("scale: 11")) ==
        "interwatt.yaml:3:12: devices[0].scale: 11 is out of range, allowed are 0 to 10");
  CHECK(finding(device("scale: .nan")) ==
        "interwatt.yaml:3:12: devices[0].scale: expected a number from 0 to 10, found '.nan'");
  CHECK(finding(device("enabled: yes")) ==
        "interwatt.yaml:3:14: devices[0].enabled: expected true or false, found 'yes'");
  CHECK(finding(device("timeout: 5")) ==
        "interwatt.yaml:3:14: devices[0].timeout: '5' is no duration; write a number and us, ms, s, min, h "
        "or d, as "
        "in 500ms or 5min");
  CHECK(finding(device("timeout: 2h")) ==
        "interwatt.yaml:3:14: devices[0].timeout: 2h is out of range, allowed are 10ms to 1min");
  CHECK(finding(device("parity: evn")) ==
        "interwatt.yaml:3:13: devices[0].parity: 'evn' is not known here, did you mean 'even'?");
  CHECK(finding(device("prot: 502")) ==
        "interwatt.yaml:3:5: devices[0].prot: no such key here, did you mean 'port'?");
  CHECK(finding(device("port:")) ==
        "interwatt.yaml:3:5: devices[0].port: has no value, expected a whole number from 1 to 65535; give "
        "one or leave "
        "the key out");
  CHECK(finding(device("registers: [1, -2]")) ==
        "interwatt.yaml:3:20: devices[0].registers[1]: -2 is out of range, allowed are 0 to 65535");
  CHECK(finding(device("registers: 7")) ==
        "interwatt.yaml:3:16: devices[0].registers: expected a list, each a whole number from 0 to 65535, "
        "found '7'");
  CHECK(finding("devices:\n  - unit: 2\n") ==
        "interwatt.yaml:2:5: devices[0]: 'name' is missing: what people call it");
  CHECK(finding("devices:\n  - name: [a]\n") ==
        "interwatt.yaml:2:11: devices[0].name: expected a text, found a list");
  CHECK(finding("devices:\n  - a\n") == "interwatt.yaml:2:5: devices[0]: expected a map, found 'a'");
  CHECK(finding("driver: {a: 1}\n") == "interwatt.yaml:1:1: 'devices' is missing: the devices of the site");
}

TEST_CASE("all findings of a file are collected") {
  const Read r = read("devices:\n  - {name: a, unit: 0, timeout: x}\n  - {unti: 1, parity: odd}\nextra: 1\n");
  CHECK_FALSE(r.good);
  CHECK(r.findings.size() == 5);
  CHECK(r.findings.errors() == 5);
  const std::string all = to_error(r.findings).message;
  for (const auto* key :
       {"devices[0].unit", "devices[0].timeout", "devices[1].unti", "'name' is missing", "extra"}) {
    CHECK_MESSAGE(all.find(key) != std::string::npos, key);
  }
}

TEST_CASE("a warning is a finding that is ok") {
  Findings findings;
  findings.warning({.file = "f.yaml", .line = 2, .column = 3, .key = "a"}, "is old", "use b");
  CHECK(findings.ok());
  CHECK(to_string(findings) == "f.yaml:2:3: warning: a: is old; use b\n");
}

TEST_CASE("findings are sorted by place, and those of one place stay in their order") {
  Findings findings;
  findings.error({"b", 1, 1}, "4");
  findings.error({"a", 7, 3}, "3");
  findings.warning({"a", 7, 2}, "1");
  findings.error({"a", 7, 2}, "2");
  findings.sort();
  std::string order;
  for (const Finding& finding : findings)
    order += finding.message;
  CHECK(order == "1234");
}

TEST_CASE("a list has what is good of it, beside the findings of the rest") {
  Findings findings;
  const auto document = Document::parse("f", "[1, x, 300, 4]", findings).value();
  std::vector<std::uint8_t> out;
  CHECK_FALSE(Rule(list_of<std::uint8_t>(integer(0, 255))).read(document.root(), out, findings));
  CHECK(out == std::vector<std::uint8_t>{1, 4});
  CHECK(findings.size() == 2);
}

TEST_CASE("durations are read and written in the largest unit that fits") {
  for (const auto& [text, value] : std::initializer_list<std::pair<std::string_view, Duration>>{
           {"250us", 250us}, {"500ms", 500ms}, {"1s", 1s}, {"5min", 5min}, {"1h", 1h}, {"2d", 48h}}) {
    CHECK(parse_duration(text).value() == value);
    CHECK(to_string(value) == text);
  }
  CHECK(parse_duration("1.5h").value() == 90min);
  CHECK(to_string(Duration(1500)) == "1.5us");
  CHECK(to_string(Duration(0)) == "0s");
  for (const auto* bad : {"", "5", "s", "-1s", "1 s", "1sec", "1.2.3s", "99999999d"}) {
    CHECK_MESSAGE(!parse_duration(bad), bad);
  }
}

TEST_CASE("a duration in words that others use is answered with ours") {
  for (const auto& [said, meant] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"1m", "1min"}, {"10sec", "10s"}, {"1.5 hours", "1.5h"}, {"2 d", "2d"}, {"7days", "7d"}}) {
    const auto error = parse_duration(said).error();
    CHECK(error.message == fmt::format("'{}' is no duration, did you mean {}?", said, meant));
  }
  CHECK(!parse_duration("5").error().message.contains("did you mean"));
  CHECK(!parse_duration("5 parsecs").error().message.contains("did you mean"));
}

TEST_CASE("the same table gives the JSON Schema") {
  struct Small {
    int unit = 1;
    Parity parity = Parity::even;
    std::vector<std::string> names;
  };
  const auto record = Record<Small>()
                          .required("unit", &Small::unit, integer(1, 247), "the \"unit\" id")
                          .optional("parity", &Small::parity, one_of(parities), "")
                          .optional("names", &Small::names, list_of<std::string>(text()), "words");
  CHECK(json_schema(record.shape(), "small") == R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "small",
  "type": "object",
  "additionalProperties": false,
  "required": ["unit"],
  "properties": {
    "unit": {
      "description": "the \"unit\" id",
      "type": "integer",
      "minimum": 1,
      "maximum": 247
    },
    "parity": {
      "default": "even",
      "enum": ["none", "even", "odd"]
    },
    "names": {
      "description": "words",
      "type": "array",
      "items": {
        "type": ["string", "number", "boolean"]
      }
    }
  }
}
)");
}

TEST_CASE("a default that is infinite is no default for a reader") {
  struct Open {
    double high = std::numeric_limits<double>::infinity();
  };
  const auto record = Record<Open>().optional("high", &Open::high, number(), "");
  CHECK(record.shape().parts.at(0).default_value.empty());
}

TEST_CASE("the same table gives the documentation") {
  CHECK(markdown_table(site_record().shape()) ==
        "| key | value | default | meaning |\n"
        "|---|---|---|---|\n"
        "| `devices[]` | a list, each a map | required | the devices of the site |\n"
        "| `devices[].name` | a text | required | what people call it |\n"
        "| `devices[].unit` | a whole number from 1 to 247 | 1 | unit id |\n"
        "| `devices[].scale` | a number from 0 to 10 | 1 | factor |\n"
        "| `devices[].enabled` | true or false | true | whether it is polled |\n"
        "| `devices[].timeout` | a duration from 10ms to 1min | 1s | patience |\n"
        "| `devices[].parity` | one of none, even, odd | none | of the serial line |\n"
        "| `devices[].port` | a whole number from 1 to 65535 |  | TCP port |\n"
        "| `devices[].registers[]` | a list, each a whole number from 0 to 65535 |  | which to read |\n"
        "| `driver` | see there |  | settings of the driver |\n");
}

TEST_CASE("sizes are decimal, and need a unit unless they are nothing") {
  CHECK(parse_size("0").value() == 0);
  CHECK(parse_size("256MB").value() == 256'000'000);
  CHECK(parse_size("1.5GB").value() == 1'500'000'000);
  CHECK(size_to_string(256'000'000) == "256MB");
  CHECK(size_to_string(0) == "0");
  for (const char* wrong : {"", "5", "MB", "-1MB", "1 MB", "1MiB", "99999999999TB"})
    CHECK_FALSE(parse_size(wrong).has_value());
}
