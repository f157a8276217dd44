#include "transfer/sample_protobuf.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "formats/protobuf.hpp"
#include "model/quantity.hpp"

namespace iw::transfer {
namespace {

constexpr std::size_t samples_of_batch = 4096;

formats::CatalogPoint point_of(const historian::SeriesInfo& info, std::uint32_t alias) {
  const model::QuantityInfo& quantity = model::info(info.name.quantity);
  return {.alias = alias,
          .mrid = info.mrid,
          .path = info.path,
          .quantity = std::string(quantity.name),
          .unit = std::string(model::to_string(quantity.unit)),
          .phase = info.name.phase,
          .component = info.name.component,
          .reading_type = formats::reading_type(info.name.quantity, info.name.phase),
          .cim_class = std::string(model::to_string(quantity.cim_class)),
          .measurement_type = std::string(model::measurement_type(info.name.quantity, info.name.phase))};
}

class ProtobufWriter final : public SampleWriter {
 public:
  explicit ProtobufWriter(OutputFile file) : file_(std::move(file)) {}

  Result<void> begin(std::span<const historian::SeriesInfo> series) {
    formats::Catalog catalog{.version = 1};
    for (const historian::SeriesInfo& info : series)
      catalog.points.push_back(point_of(info, static_cast<std::uint32_t>(catalog.points.size())));
    return put(catalog);
  }

  Result<void> put(std::size_t series, const historian::Samples& samples) override {
    for (std::size_t at = 0; at < samples.size(); at += samples_of_batch) {
      batch_.clear();
      batch_.sequence = ++sequence_;
      batch_.catalog_version = 1;
      batch_.historical = true;
      for (std::size_t i = at; i < std::min(samples.size(), at + samples_of_batch); ++i)
        batch_.add(static_cast<std::uint32_t>(series), samples.time_ms[i], samples.value[i],
                   samples.quality[i]);
      if (auto done = put(batch_); !done) return done;
    }
    return {};
  }

  Result<void> finish() override { return file_.finish(); }

 private:
  template <class Content>
  Result<void> put(const Content& content) {
    envelope_.clear();
    framed_.clear();
    encoder_.encode(content, envelope_);
    formats::put_delimited(envelope_, framed_);
    return file_.put(Bytes(framed_));
  }

  OutputFile file_;
  formats::ProtobufEncoder encoder_;
  formats::Batch batch_;
  std::uint64_t sequence_ = 0;
  std::vector<std::byte> envelope_;
  std::vector<std::byte> framed_;
};

// Streams of others may come too: batches with many series, catalogues that come again.
class StreamReader {
 public:
  explicit StreamReader(const TakeSamples& take) : take_(take) {}

  Result<void> take(Bytes envelope) {
    const auto content = decoder_.decode(envelope);
    if (!content) return fail(content.error());
    return *content == formats::Content::catalog ? take_catalog() : take_batch();
  }

 private:
  Result<void> take_catalog() {
    series_.clear();
    for (const formats::CatalogPoint& point : decoder_.catalog().points) {
      const auto quantity = model::parse_quantity(point.quantity);
      if (!quantity)
        return fail(ErrorKind::unsupported, fmt::format("{}: no quantity '{}'", point.path, point.quantity));
      auto name =
          model::canonical({.quantity = *quantity, .phase = point.phase, .component = point.component});
      if (!name) return fail(std::move(name).error().in(point.path));
      series_[point.alias] = {.mrid = point.mrid, .path = point.path, .name = std::move(*name)};
    }
    return {};
  }

  Result<void> take_batch() {
    const formats::Batch& batch = decoder_.batch();
    by_alias_.clear();
    for (std::size_t i = 0; i < batch.size(); ++i)
      by_alias_[batch.alias[i]].add(batch.time_ms[i], batch.value[i], batch.quality[i]);
    for (const auto& [alias, samples] : by_alias_) {
      const auto series = series_.find(alias);
      if (series == series_.end())
        return fail(ErrorKind::malformed, fmt::format("the catalogue has no point {}", alias));
      if (auto done = take_(series->second, samples); !done) return done;
    }
    return {};
  }

  const TakeSamples& take_;
  formats::ProtobufDecoder decoder_;
  std::map<std::uint32_t, historian::SeriesInfo> series_;
  std::map<std::uint32_t, historian::Samples> by_alias_;
};

}  // namespace

Result<std::unique_ptr<SampleWriter>> write_protobuf(OutputFile file,
                                                     std::span<const historian::SeriesInfo> series) {
  auto writer = std::make_unique<ProtobufWriter>(std::move(file));
  if (auto begun = writer->begin(series); !begun) return fail(std::move(begun).error());
  return writer;
}

Result<void> read_protobuf(InputFile file, const TakeSamples& take) {
  StreamReader reader(take);
  for (;;) {
    const auto more = file.more();
    if (!more) return fail(more.error());
    Bytes rest = std::as_bytes(std::span(file.rest()));
    const std::size_t before = rest.size();
    for (;;) {
      const auto envelope = formats::take_delimited(rest);
      if (!envelope) return fail(Error(envelope.error()).in(file.path()));
      if (!*envelope) break;
      if (auto done = reader.take(**envelope); !done) return fail(std::move(done).error().in(file.path()));
    }
    const bool all = rest.empty();
    file.take(before - rest.size());
    if (*more) continue;
    if (all) return {};
    return fail(ErrorKind::malformed, fmt::format("{}: it is cut", file.path()));
  }
}

}  // namespace iw::transfer
