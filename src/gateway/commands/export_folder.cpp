#include "gateway/commands/export_folder.hpp"

#include "io/posix/folders.hpp"
#include "transfer/value_text.hpp"

namespace iw::gateway {
namespace {

constexpr const char* samples_fact = "samples";
constexpr const char* values_from_fact = "values_from";

}  // namespace

Result<void> make_folder_at_once(io::Files& files, const std::string& folder,
                                 const std::function<Result<void>(const std::string& partial)>& fill) {
  if (io::posix::exists(folder)) {
    const auto names = files.list(folder);
    if (!names || !names->empty())
      return fail(ErrorKind::busy, fmt::format("{} exists already", folder), "name another, or move it away");
  }
  const std::string partial = folder + ".partial";
  if (auto removed = io::posix::remove_folder(partial); !removed) return removed;
  if (auto made = files.make_folder(partial); !made) return made;
  if (auto filled = fill(partial); !filled) {
    (void)io::posix::remove_folder(partial);  // it means nothing; the error says why
    return filled;
  }
  return io::posix::put_in_place(partial, folder);
}

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/'))
    folder.pop_back();
  return folder;
}

void add_history_facts(transfer::Manifest& manifest, transfer::Form form,
                       const transfer::Exported& exported) {
  manifest.facts[samples_fact] = transfer::file_name(form);
  if (exported.values_from > 0)
    manifest.facts[values_from_fact] = transfer::time_text(exported.values_from * historian::day_ms);
}

Result<HistoryFacts> history_facts(const transfer::Manifest& manifest) {
  HistoryFacts facts;
  const auto samples = manifest.facts.find(samples_fact);
  const bool known =
      samples != manifest.facts.end() && (samples->second == file_name(transfer::Form::csv) ||
                                          samples->second == file_name(transfer::Form::protobuf));
  if (!known) return fail(ErrorKind::malformed, "the manifest does not say in which file the samples are");
  facts.form =
      samples->second == file_name(transfer::Form::csv) ? transfer::Form::csv : transfer::Form::protobuf;
  if (const auto from = manifest.facts.find(values_from_fact); from != manifest.facts.end()) {
    const auto time = transfer::parse_time_text(from->second);
    if (!time) return fail(time.error());
    facts.values_from = historian::day_of(*time);
  }
  return facts;
}

}  // namespace iw::gateway
