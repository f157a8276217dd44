#include <fmt/format.h>

#include "formats/decimal.hpp"
#include "formats/protobuf.hpp"
#include "formats/value_form.hpp"
#include "interwatt/v1/telemetry.pb.h"

namespace iw::formats {
namespace {

namespace v1 = interwatt::v1;

using Runs = google::protobuf::RepeatedField<std::uint32_t>;

Unexpected malformed(std::string_view what) {
  return fail(ErrorKind::malformed, fmt::format("no telemetry: {}", what));
}

bool take_mrid(const std::string& bytes, model::Mrid& out) {
  std::array<std::byte, 16> raw{};
  if (bytes.size() != raw.size()) return false;
  std::ranges::copy(std::as_bytes(std::span(bytes)), raw.begin());
  out = model::Mrid(raw);
  return true;
}

Result<CatalogPoint> point_of(const v1::Point& from) {
  CatalogPoint point{.alias = from.alias(),
                     .path = from.path(),
                     .asset_name = from.asset_name(),
                     .asset_kind = from.asset_kind(),
                     .quantity = from.quantity(),
                     .unit = from.unit(),
                     .phase = static_cast<model::Phase>(from.phase()),
                     .component = from.component(),
                     .reading_type = from.reading_type(),
                     .cim_class = from.cim_class(),
                     .measurement_type = from.measurement_type(),
                     .writable = from.writable()};
  if (!take_mrid(from.mrid(), point.mrid) || !take_mrid(from.asset(), point.asset))
    return malformed("the mRID of a point or of its asset is not 16 bytes long");
  if (from.has_minimum()) point.minimum = from.minimum();
  if (from.has_maximum()) point.maximum = from.maximum();
  for (const v1::ValueText& text : from.texts())
    point.texts.emplace_back(text.value(), text.text());
  return point;
}

Result<void> take_catalog(const v1::Catalog& from, Catalog& out) {
  if (!take_mrid(from.site(), out.site)) return malformed("the site's mRID is not 16 bytes long");
  out.site_name = from.site_name();
  out.epoch = from.epoch();
  out.version = from.version();
  out.points.clear();
  for (const v1::Point& point : from.points()) {
    auto taken = point_of(point);
    if (!taken) return fail(std::move(taken).error());
    out.points.push_back(*std::move(taken));
  }
  return {};
}

void take_aliases(const v1::Batch& from, Batch& out) {
  out.alias.resize(static_cast<std::size_t>(from.alias_deltas_size()));
  std::uint32_t last = 0;
  for (std::size_t i = 0; const std::int32_t delta : from.alias_deltas())
    out.alias[i++] = last += static_cast<std::uint32_t>(delta);
}

void take_times(const v1::Batch& from, Batch& out) {
  out.time_ms.resize(static_cast<std::size_t>(from.time_deltas_size()));
  auto last = static_cast<std::uint64_t>(from.base_ms());
  for (std::size_t i = 0; const std::int64_t delta : from.time_deltas())
    out.time_ms[i++] = static_cast<std::int64_t>(last += static_cast<std::uint64_t>(delta));
}

// Calls each(begin, count, kind) for the runs; false when they do not make up the column.
template <class Each>
bool for_runs(const Runs& runs, std::size_t column, Each each) {
  if (runs.size() % 2 != 0) return false;
  std::size_t begin = 0;
  for (int i = 0; i < runs.size(); i += 2) {
    const std::size_t count = runs[i];
    if (count == 0 || count > column - begin || !each(begin, count, runs[i + 1])) return false;
    begin += count;
  }
  return begin == column;
}

// A column of the message, taken in parts from its front.
template <class T>
class Front {
 public:
  explicit Front(const google::protobuf::RepeatedField<T>& column)
      : rest_(column.data(), static_cast<std::size_t>(column.size())) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }

  // False when there are not so many.
  bool take(std::span<double> out, auto number_of) {
    if (rest_.size() < out.size()) return false;
    std::ranges::transform(rest_.first(out.size()), out.begin(), number_of);
    rest_ = rest_.subspan(out.size());
    return true;
  }

 private:
  std::span<const T> rest_;
};

bool take_values(const v1::Batch& from, std::vector<double>& out) {
  Front mantissas(from.mantissas());
  Front floats(from.floats());
  Front doubles(from.doubles());
  const bool whole =
      for_runs(from.value_runs(), out.size(), [&](std::size_t begin, std::size_t count, std::uint32_t form) {
        const std::span values = std::span(out).subspan(begin, count);
        if (form <= most_digits) {
          const double power = powers_of_ten[form];
          return mantissas.take(values, [&](std::int64_t n) { return static_cast<double>(n) / power; });
        }
        if (form == form_float) return floats.take(values, [](float v) { return static_cast<double>(v); });
        if (form == form_double) return doubles.take(values, std::identity{});
        std::ranges::fill(values, no_number);
        return form == form_none;
      });
  return whole && mantissas.empty() && floats.empty() && doubles.empty();
}

bool take_qualities(const v1::Batch& from, std::vector<model::Quality>& out) {
  if (from.quality_runs().empty()) return true;
  return for_runs(from.quality_runs(), out.size(),
                  [&](std::size_t begin, std::size_t count, std::uint32_t bits) {
                    std::ranges::fill(std::span(out).subspan(begin, count), model::Quality::from_bits(bits));
                    return true;
                  });
}

void take_texts(const v1::Batch& from, std::vector<TextValue>& out) {
  const auto base = static_cast<std::uint64_t>(from.base_ms());
  out.clear();
  for (const v1::Text& text : from.texts()) {
    out.push_back({.alias = text.alias(),
                   .time_ms = static_cast<std::int64_t>(base + static_cast<std::uint64_t>(text.time_ms())),
                   .text = text.text(),
                   .quality = model::Quality::from_bits(text.quality())});
  }
}

Result<void> take_batch(const v1::Batch& from, Batch& out) {
  if (!take_mrid(from.site(), out.site)) return malformed("the site's mRID is not 16 bytes long");
  out.epoch = from.epoch();
  out.sequence = from.sequence();
  out.catalog_version = from.catalog_version();
  out.historical = from.historical();
  out.dropped = from.dropped();
  take_aliases(from, out);
  take_times(from, out);
  if (out.time_ms.size() != out.size()) return malformed("a batch with columns of different lengths");
  out.value.resize(out.size());
  out.quality.assign(out.size(), {});
  if (!take_values(from, out.value)) return malformed("the runs of values do not make up their column");
  if (!take_qualities(from, out.quality)) return malformed("the runs of quality do not make up their column");
  take_texts(from, out.texts);
  return {};
}

}  // namespace

struct ProtobufDecoder::Messages {
  v1::Envelope envelope;
};

ProtobufDecoder::ProtobufDecoder() : messages_(std::make_unique<Messages>()) {}
ProtobufDecoder::~ProtobufDecoder() = default;

Result<Content> ProtobufDecoder::decode(Bytes bytes) {
  if (bytes.size() > largest_envelope) return malformed("a message that is too long to be believed");
  v1::Envelope& envelope = messages_->envelope;
  // Envelope::Clear() would give the columns of the batch back, to be allocated anew.
  if (envelope.has_batch()) {
    envelope.mutable_batch()->Clear();
  } else {
    envelope.Clear();
  }
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  if (!envelope.MergeFromCodedStream(&in) || !in.ConsumedEntireMessage())
    return malformed("bytes that do not follow the schema");
  if (envelope.has_batch()) return take_batch(envelope.batch(), batch_).map([] { return Content::batch; });
  if (!envelope.has_catalog()) return malformed("a message that is neither catalogue nor batch");
  return take_catalog(envelope.catalog(), catalog_).map([] { return Content::catalog; });
}

}  // namespace iw::formats
