#include "importers/ede.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "config/writing.hpp"
#include "importers/csv.hpp"
#include "importers/draft.hpp"
#include "importers/sources.hpp"
#include "model/words.hpp"
#include "protocols/bacnet/profile_writing.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::importers {
namespace {

using bacnet::ObjectFacts;
using bacnet::ObjectId;
using bacnet::ObjectType;

// Columns in the order of the layouts 1 to 2.3; the line that names them is a comment.
enum Column : std::size_t {
  key_name,
  device_instance,
  object_name,
  object_type,
  object_instance,
  description,
  default_value,
  min_value,
  max_value,
  settable,
  supports_cov,
  high_limit,
  low_limit,
  state_text,
  unit_code,
};
constexpr std::size_t mandatory_columns = 5;

using StateTexts = std::map<std::int64_t, std::vector<std::string>>;

// Whichever there is most of in the head of the file.
char separator_of(std::string_view text) {
  constexpr std::array<char, 3> candidates{';', '\t', ','};
  const std::string_view head = text.substr(0, 4000);
  return *std::ranges::max_element(candidates, {}, [&](char c) { return std::ranges::count(head, c); });
}

std::string_view cell(const Record& record, std::size_t column) {
  return column < record.cells.size() ? trim(record.cells[column]) : std::string_view();
}

bool is_comment(const Record& record) { return cell(record, 0).starts_with('#'); }

bool contains_word(std::string_view text, std::string_view word) {
  return !std::ranges::search(text, word, {}, model::lower, model::lower).empty();
}

enum class FileKind : std::uint8_t { objects, states, other };

FileKind kind_of(const std::vector<Record>& records) {
  for (const Record& record : records) {
    const std::string_view first = cell(record, 0);
    if (contains_word(first, "state text reference") || contains_word(first, "reference number"))
      return FileKind::states;
    if (first == "PROJECT_NAME" || contains_word(first, "engineering-data-exchange") ||
        contains_word(first, "keyname"))
      return FileKind::objects;
  }
  return FileKind::other;
}

void read_states(const std::string& file, const std::vector<Record>& records, StateTexts& states,
                 config::Findings& findings) {
  for (const Record& record : records) {
    if (is_comment(record)) continue;
    const auto number = parse_whole(cell(record, 0));
    if (!number) {
      findings.warning({.file = file, .line = record.line},
                       fmt::format("'{}' is no reference number", cell(record, 0)));
      continue;
    }
    std::vector<std::string>& texts = states[*number];
    for (std::size_t i = 1; i < record.cells.size(); ++i)
      texts.emplace_back(cell(record, i));
    while (!texts.empty() && texts.back().empty())
      texts.pop_back();
  }
}

class Importer {
 public:
  Importer(EdeImport& import, const StateTexts& states) : import_(import), states_(states) {}

  void read(const std::string& file, const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (is_comment(record)) continue;
      if (cell(record, 0) == "PROJECT_NAME" && import_.project.empty()) import_.project = cell(record, 1);
      if (is_header(record)) continue;
      read_object(file, record);
    }
  }

 private:
  // "VERSION_OF_LAYOUT;2.3"
  static bool is_header(const Record& record) {
    const std::string_view key = cell(record, 0);
    const auto is_word = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
    return !key.empty() && cell(record, device_instance + 1).empty() && std::ranges::all_of(key, is_word);
  }

  void warn(const std::string& file, const Record& record, std::string message, std::string remedy = {}) {
    import_.findings.warning({.file = file, .line = record.line, .key = std::string(cell(record, key_name))},
                             std::move(message), std::move(remedy));
  }

  // Its number, as the format says, or its name, as some tools write.
  static std::optional<ObjectType> type_in(const Record& record) {
    const std::string text(cell(record, object_type));
    const auto id = bacnet::parse_object_id(text + ":0");
    return id ? std::optional(id->type) : std::nullopt;
  }

  void read_object(const std::string& file, const Record& record) {
    const auto device = parse_whole(cell(record, device_instance));
    const auto instance = parse_whole(cell(record, object_instance));
    const auto type = type_in(record);
    const auto possible = [](const auto& n) { return n && *n >= 0 && *n <= bacnet::max_instance; };
    if (record.cells.size() < mandatory_columns || !possible(device) || !possible(instance) || !type) {
      return warn(file, record, "this is no object: its device, type or instance is no number",
                  "correct the line, or take it out");
    }
    EdeDevice& of = this->device(static_cast<std::uint32_t>(*device), file);
    const ObjectId id{*type, static_cast<std::uint32_t>(*instance)};
    if (id.type == ObjectType::device) {
      of.called = cell(record, object_name);
      return;
    }
    if (!bacnet::is_measurable(id.type)) return;
    if (std::ranges::find(of.objects, id, &ObjectFacts::id) != of.objects.end())
      return warn(file, record, fmt::format("{} is there twice", bacnet::to_string(id)));
    of.objects.push_back(facts_of(file, record, id));
  }

  ObjectFacts facts_of(const std::string& file, const Record& record, ObjectId id) {
    ObjectFacts facts{.id = id,
                      .name = std::string(cell(record, object_name)),
                      .description = std::string(cell(record, description))};
    if (facts.name.empty()) facts.name = cell(record, key_name);
    if (const auto units = parse_whole(cell(record, unit_code)); units && *units >= 0)
      facts.units = static_cast<std::uint32_t>(*units);
    facts.commandable = parse_truth(cell(record, settable)).value_or(false);
    facts.minimum = parse_number(cell(record, min_value));
    facts.maximum = parse_number(cell(record, max_value));
    const std::string_view reference = cell(record, state_text);
    if (reference.empty()) return facts;
    const auto number = parse_whole(reference);
    const auto texts = number ? states_.find(*number) : states_.end();
    if (texts != states_.end()) {
      facts.state_texts = texts->second;
    } else {
      warn(file, record, fmt::format("there are no state texts '{}'", reference),
           "name the file with the state texts, too");
    }
    return facts;
  }

  EdeDevice& device(std::uint32_t instance, const std::string& file) {
    const auto known = std::ranges::find(import_.devices, instance, &EdeDevice::instance);
    if (known != import_.devices.end()) return *known;
    return import_.devices.emplace_back(EdeDevice{.instance = instance, .file = file, .objects = {}});
  }

  EdeImport& import_;
  const StateTexts& states_;
};

void name_devices(EdeImport& import) {
  std::set<std::string> names;
  for (EdeDevice& device : import.devices) {
    device.name = slug(device.called);
    if (device.name.empty() || !names.insert(device.name).second) {
      device.name += fmt::format("{}device-{}", device.name.empty() ? "" : "-", device.instance);
      names.insert(device.name);
    }
    const std::string project = slug(import.project);
    device.profile = fmt::format("{}/{}", project.empty() ? "ede" : project, device.name);
    if (device.objects.empty()) {
      import.findings.warning({.file = device.file},
                              fmt::format("device {} has no objects with values", device.instance));
    }
  }
  std::erase_if(import.devices, [](const EdeDevice& device) { return device.objects.empty(); });
}

std::string file_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace

EdeImport import_ede(io::Files& files, const std::vector<std::string>& paths) {
  EdeImport import;
  Sources sources(files, paths, import.findings);
  struct File {
    std::string path;
    std::vector<Record> records;
  };
  std::vector<File> lists;
  StateTexts states;
  for (const auto& source : sources.given()) {
    auto records = parse_records(source->path, source->text, separator_of(source->text), import.findings);
    switch (kind_of(records)) {
      case FileKind::states: read_states(source->path, records, states, import.findings); break;
      case FileKind::objects: lists.push_back({source->path, std::move(records)}); break;
      case FileKind::other: break;  // lists of units and types, which are those of the standard
    }
  }
  Importer importer(import, states);
  for (const File& list : lists)
    importer.read(list.path, list.records);
  name_devices(import);
  return import;
}

std::vector<OutputFile> written(const EdeImport& import) {
  std::vector<OutputFile> outputs;
  std::string devices;
  for (const EdeDevice& device : import.devices) {
    const bacnet::ProfileHead head{.id = device.profile,
                                   .manufacturer = import.project,
                                   .model = device.called,
                                   .source = file_name(device.file)};
    outputs.push_back(
        {fmt::format("profiles/{}.yaml", device.profile), bacnet::profile_text(head, device.objects)});
    devices += fmt::format("  - name: {}\n    connect: \"bacnet://?device={}\"\n    profile: {}\n",
                           config::scalar(device.name), device.instance, device.profile);
  }
  const std::string project = import.project.empty() ? "imported from EDE" : import.project;
  outputs.push_back(
      {"interwatt.yaml",
       fmt::format("# Imported from EDE. Devices are found by Who-Is; where that does not reach, "
                   "give their\n# addresses: bacnet://192.0.2.20?device=1234\n"
                   "site:\n  name: {}\nprofiles: profiles\ndevices:{}\n{}",
                   config::scalar(config::one_line(project)), devices.empty() ? " []" : "", devices)});
  return outputs;
}

}  // namespace iw::importers
