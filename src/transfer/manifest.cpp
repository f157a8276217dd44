#include "transfer/manifest.hpp"

#include <algorithm>

#include "json/json.hpp"
#include "transfer/stream_file.hpp"

namespace iw::transfer {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format = "interwatt export 1";

Result<Manifest> parse(const std::string& text) {
  const auto no_manifest = [](std::string_view why) {
    return fail(ErrorKind::malformed, fmt::format("{}: {}", manifest_name, why),
                "is it the folder of an export of this version?");
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return no_manifest("it is no JSON object");
  try {
    if (json.at("format").get<std::string>() != format) return no_manifest("it is of another format");
    Manifest manifest{.content = json.at("content").get<std::string>(), .facts = {}, .files = {}};
    for (const auto& [name, value] : json.at("facts").items())
      manifest.facts[name] = value.get<std::string>();
    for (const Json& file : json.at("files")) {
      manifest.files.push_back({.path = file.at("path").get<std::string>(),
                                .bytes = file.at("bytes").get<std::uint64_t>(),
                                .sha256 = file.at("sha256").get<std::string>()});
    }
    return manifest;
  } catch (const Json::exception& wrong) {
    return no_manifest(wrong.what());
  }
}

// Nothing of an export lies outside of it.
bool is_within(const std::string& path) {
  return !path.empty() && !path.starts_with('/') && ("/" + path + "/").find("/../") == std::string::npos;
}

Result<void> check(io::Files& files, const std::string& folder, const Manifest::File& file) {
  const auto damaged = [&](std::string_view why) {
    return fail(ErrorKind::malformed, fmt::format("{}/{}: {}", folder, file.path, why),
                "copy the export again from where it was made");
  };
  if (!is_within(file.path)) return damaged("it is no file of the folder");
  const auto size = files.size(folder + "/" + file.path);
  if (!size) return damaged("it is missing");
  if (*size != file.bytes) return damaged(fmt::format("{} bytes instead of {}", *size, file.bytes));
  const auto sum = sha256_of(files, folder + "/" + file.path);
  if (!sum) return fail(sum.error());
  if (*sum != file.sha256) return damaged("it is not as it was written: its checksum is another");
  return {};
}

}  // namespace

Result<void> write_manifest(io::Files& files, const std::string& folder, Manifest manifest,
                            const std::vector<std::string>& paths) {
  Json json{
      {"format", format}, {"content", manifest.content}, {"facts", Json::object()}, {"files", Json::array()}};
  for (const auto& [name, value] : manifest.facts)
    json["facts"][name] = value;
  std::vector<std::string> sorted = paths;
  std::ranges::sort(sorted);
  for (const std::string& path : sorted) {
    const auto size = files.size(folder + "/" + path);
    if (!size) return fail(size.error());
    const auto sum = sha256_of(files, folder + "/" + path);
    if (!sum) return fail(sum.error());
    json["files"].push_back({{"path", path}, {"bytes", *size}, {"sha256", *sum}});
  }
  return files.replace(folder + "/" + std::string(manifest_name), json.dump(2) + "\n", 0640);
}

Result<Manifest> read_manifest(io::Files& files, const std::string& folder) {
  const auto text = files.read(folder + "/" + std::string(manifest_name));
  if (!text && text.error().kind == ErrorKind::not_found) {
    return fail(ErrorKind::not_found, fmt::format("{} is no export: it has no {}", folder, manifest_name),
                "name the folder that was exported to");
  }
  if (!text) return fail(text.error());
  auto manifest = parse(*text);
  if (!manifest) return manifest;
  for (const Manifest::File& file : manifest->files)
    if (auto good = check(files, folder, file); !good) return fail(std::move(good).error());
  return manifest;
}

}  // namespace iw::transfer
