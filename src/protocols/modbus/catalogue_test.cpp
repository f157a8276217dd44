// The device catalogue: every built-in profile loads without a finding, and gives the right values for a
// register image (profiles/<maker>/<model>.image.yaml), which is written from what is known of the device.
#include "protocols/modbus/catalogue.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "config/record.hpp"
#include "io/testing/memory_files.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::modbus {
std::span<const EmbeddedFile> embedded_images();  // and profile.schema.json, README.md
}

using namespace iw;
using namespace iw::modbus;

namespace {

// ---- register images

using Registers = std::map<std::uint16_t, std::uint16_t>;
using Values = std::map<std::string, double>;

struct Case {
  std::string what;
  Registers holding;
  Registers input;
  Values expect;
  std::vector<std::string> not_available;
};

struct Image {
  std::vector<Case> cases;
};

std::uint16_t parse_word(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint16_t word = 0;
  REQUIRE(std::from_chars(text.data(), text.data() + text.size(), word, hex ? 16 : 10).ec == std::errc{});
  return word;
}

// "30775: [0x0000, 0x1388]": an address and the registers from there on.
bool read_registers(const config::Value& map, Registers& out, config::Findings&) {
  for (const config::Value& row : map.children) {
    std::uint16_t address = parse_word(row.key);
    for (const config::Value& word : row.children)
      out[address++] = parse_word(word.text);
  }
  return true;
}

bool read_values(const config::Value& map, Values& out, config::Findings&) {
  for (const config::Value& row : map.children)
    out[row.key] = std::stod(row.text);
  return true;
}

const config::Record<Image>& image_record() {
  static const config::Rule<Registers> registers{.shape = {}, .read = read_registers, .show = {}};
  static const config::Rule<Values> values{.shape = {}, .read = read_values, .show = {}};
  static const auto one =
      config::Record<Case>()
          .required("what", &Case::what, config::text(), "the situation")
          .optional("holding", &Case::holding, registers, "registers")
          .optional("input", &Case::input, registers, "registers")
          .optional("expect", &Case::expect, values, "points and their values")
          .optional("not_available", &Case::not_available, config::list_of<std::string>(config::text()),
                    "points without a value");
  static const auto image =
      config::Record<Image>().required("cases", &Image::cases, config::list_of<Case>(one), "situations");
  return image;
}

const EmbeddedFile& committed(std::string_view path) {
  const auto files = embedded_images();
  const auto found = std::ranges::find(files, path, &EmbeddedFile::path);
  REQUIRE_MESSAGE(found != files.end(), "there is no profiles/", path);
  return *found;
}

Image load_image(const std::string& id) {
  const auto& [path, text] = committed(id + ".image.yaml");
  config::Findings findings;
  Image image;
  const auto document = config::Document::parse(path, text, findings);
  const bool good = document && image_record().read(document->root(), image, findings);
  REQUIRE_MESSAGE(good, config::to_string(findings));
  return image;
}

const RegisterPoint& find_point(const Profile& profile, const std::string& name) {
  const auto full_name = [](const RegisterPoint& p) {
    return (p.point.role.empty() ? "" : p.point.role + "/") + model::to_string(p.point.name);
  };
  const auto found = std::ranges::find(profile.map.points, name, full_name);
  REQUIRE_MESSAGE(found != profile.map.points.end(), "the profile has no point ", name);
  return *found;
}

std::vector<std::byte> to_bytes(std::span<const std::uint16_t> words) {
  std::vector<std::byte> bytes;
  for (const std::uint16_t word : words) {
    bytes.push_back(static_cast<std::byte>(word >> 8U));
    bytes.push_back(static_cast<std::byte>(word & 0xFFU));
  }
  return bytes;
}

// The payload of a reply with the registers of the point.
std::vector<std::byte> reply(const RegisterPoint& point, const Case& one) {
  const Registers& registers = point.table == Table::input_registers ? one.input : one.holding;
  std::vector<std::uint16_t> words;
  for (unsigned i = 0; i < register_count(point); ++i) {
    const auto found = registers.find(static_cast<std::uint16_t>(point.address + i));
    REQUIRE_MESSAGE(found != registers.end(), "the image has no register ", point.address + i);
    words.push_back(found->second);
  }
  return to_bytes(words);
}

Decoded decode(const RegisterPoint& point, const Case& one) {
  return compile(point).decode(reply(point, one), point.address);
}

void check_value(const RegisterPoint& point, const Case& one, double value) {
  const Decoded decoded = decode(point, one);
  CHECK(decoded.good());
  CHECK(decoded.value == value);  // exact: decimal scales give the decimal number
  if (!point.point.writable || is_partial(point)) return;
  const auto written = encode_value(point, value);
  REQUIRE_MESSAGE(written, written.error().message);
  CHECK(to_bytes(*written) == reply(point, one));
}

bool turns_sign(const RegisterPoint& point) { return point.scale < 0; }
bool can_be_missing(const RegisterPoint& point) {
  return !point.sentinels.empty() || point.type == ValueType::f32;
}

}  // namespace

TEST_CASE("every built-in profile loads without a finding, at the path that is its id") {
  config::Findings findings;
  Catalogue catalogue;
  for (const auto& [path, text] : embedded_profiles())
    CHECK_MESSAGE(catalogue.add(path, text, findings), path);
  CHECK(config::to_string(findings) == "");
  CHECK(catalogue.size() == embedded_profiles().size());
  CHECK(Catalogue::built_in().ids() == catalogue.ids());
}

TEST_CASE("the catalogue has at least 18 devices of 10 makers, each with a description and a caveat") {
  std::set<std::string> makers;
  const Catalogue catalogue = Catalogue::built_in();
  for (const auto& [id, profile] : catalogue) {
    makers.insert(profile.manufacturer);
    CHECK_MESSAGE(!profile.caveats.empty(), id);
    CHECK_MESSAGE(!profile.description.empty(), id);
  }
  CHECK(catalogue.size() >= 18);
  CHECK(makers.size() >= 10);
}

TEST_CASE("register images of every profile give the values that the device means, and back") {
  const Catalogue catalogue = Catalogue::built_in();
  for (const auto& [id, profile] : catalogue) {
    for (const Case& one : load_image(id).cases) {
      for (const auto& [name, value] : one.expect) {
        CAPTURE(fmt::format("{}: {}: {}", id, one.what, name));
        check_value(find_point(profile, name), one, value);
      }
      for (const std::string& name : one.not_available) {
        CAPTURE(fmt::format("{}: {}: {}", id, one.what, name));
        CHECK(decode(find_point(profile, name), one).state == ValueState::not_available);
      }
    }
  }
}

TEST_CASE("every image shows many points, a turned sign and a value that is not available") {
  const Catalogue catalogue = Catalogue::built_in();
  for (const auto& [id, profile] : catalogue) {
    CAPTURE(id);
    std::set<std::string> shown;
    bool turned = false;
    bool missing = false;
    for (const Case& one : load_image(id).cases) {
      for (const auto& [name, value] : one.expect) {
        shown.insert(name);
        turned = turned || (turns_sign(find_point(profile, name)) && value != 0);
      }
      shown.insert(one.not_available.begin(), one.not_available.end());
      missing = missing || !one.not_available.empty();
    }
    CHECK(shown.size() * 5 >= profile.map.points.size() * 2);  // two of five
    CHECK(turned == std::ranges::any_of(profile.map.points, turns_sign));
    CHECK(missing == std::ranges::any_of(profile.map.points, can_be_missing));
  }
}

TEST_CASE("the texts that identify a device are read from its image") {
  const auto catalogue = Catalogue::built_in();
  const RegisterPoint& model = catalogue.find("huawei/sun2000").value()->identity.front();
  const Image image = load_image("huawei/sun2000");
  CHECK(model.point.name.component == "model");
  CHECK(decode_text(model, reply(model, image.cases.front()), model.address) == "SUN2000-10KTL-M1");
}

TEST_CASE("the committed JSON Schema and the table of the README are what the program says") {
  CHECK_MESSAGE(
      committed("profile.schema.json").text == profile_json_schema(),
      "profiles/profile.schema.json is out of date: write the output of profile_json_schema() there");
  CHECK_MESSAGE(committed("README.md").text.find(profile_documentation()) != std::string_view::npos,
                "profiles/README.md is out of date: put the output of profile_documentation() there");
}

// ---- the catalogue

namespace {

constexpr std::string_view own_profile = R"(
profile: acme/meter
manufacturer: Acme
models: [M1]
assets: [{kind: meter}]
address_base: pdu
points:
  - {name: ActivePower, address: 0, type: i32, unit: W}
)";

}  // namespace

TEST_CASE("an unknown id is answered with the nearest one") {
  const auto found = Catalogue::built_in().find("huawei/sun200");
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == ErrorKind::not_found);
  CHECK(found.error().message == "there is no profile 'huawei/sun200'");
  CHECK(found.error().remedy == "did you mean 'huawei/sun2000'?");
}

TEST_CASE("the profiles of the user's folder come in addition, or instead") {
  io::testing::MemoryFiles files;
  files.put("/p/acme/meter.yaml", own_profile);
  files.put("/p/acme/meter.image.yaml", "no profile: at all");
  files.put("/p/notes.txt", "not ours");
  std::string mine(own_profile);
  mine.replace(mine.find("acme/meter"), 10, "eastron/sdm630");
  files.put("/p/eastron/sdm630.yaml", mine);

  auto catalogue = Catalogue::built_in();
  const std::size_t before = catalogue.size();
  config::Findings findings;
  catalogue.add_folder(files, "/p", findings);
  CHECK(config::to_string(findings) == "");
  CHECK(catalogue.size() == before + 1);
  CHECK(catalogue.find("eastron/sdm630").value()->manufacturer == "Acme");
}

TEST_CASE("a wrong profile of the user does not replace a good one") {
  io::testing::MemoryFiles files;
  files.put("/p/eastron/sdm630.yaml", "profile: eastron/sdm630\n");
  auto catalogue = Catalogue::built_in();
  config::Findings findings;
  catalogue.add_folder(files, "/p", findings);
  CHECK_FALSE(findings.ok());
  CHECK(findings[0].file == "/p/eastron/sdm630.yaml");
  CHECK(catalogue.find("eastron/sdm630").value()->manufacturer == "Eastron");
}

TEST_CASE("a folder that is not there, and a file that is not named like its id, are found") {
  io::testing::MemoryFiles files;
  config::Findings findings;
  Catalogue catalogue;
  catalogue.add_folder(files, "/p", findings);
  CHECK(config::to_string(findings) == "/p: no folder /p\n");
  files.put("/q/acme/other.yaml", own_profile);
  config::Findings warnings;
  catalogue.add_folder(files, "/q", warnings);
  CHECK(warnings.ok());
  CHECK(config::to_string(warnings) ==
        "/q/acme/other.yaml: warning: profile: the id 'acme/meter' is not the path of the file; profiles are "
        "found by "
        "their id: name the file like it\n");
}
