#include "formats/decimal.hpp"
#include "formats/protobuf.hpp"
#include "formats/value_form.hpp"
#include "interwatt/v1/telemetry.pb.h"

namespace iw::formats {
namespace {

namespace v1 = interwatt::v1;

using Runs = google::protobuf::RepeatedField<std::uint32_t>;

std::string bytes_of(const model::Mrid& mrid) {
  return {reinterpret_cast<const char*>(mrid.bytes().data()), mrid.bytes().size()};
}

// Without a string of its own, which would be allocated for each batch.
void set_mrid(const model::Mrid& mrid, std::string& out) {
  out.assign(reinterpret_cast<const char*>(mrid.bytes().data()), mrid.bytes().size());
}

void put_point(const CatalogPoint& point, v1::Point& out) {
  out.set_alias(point.alias);
  out.set_mrid(bytes_of(point.mrid));
  out.set_path(point.path);
  out.set_asset(bytes_of(point.asset));
  out.set_asset_name(point.asset_name);
  out.set_asset_kind(point.asset_kind);
  out.set_quantity(point.quantity);
  out.set_unit(point.unit);
  out.set_phase(static_cast<std::uint32_t>(point.phase));
  out.set_component(point.component);
  out.set_reading_type(point.reading_type);
  out.set_cim_class(point.cim_class);
  out.set_measurement_type(point.measurement_type);
  out.set_writable(point.writable);
  if (point.minimum) out.set_minimum(*point.minimum);
  if (point.maximum) out.set_maximum(*point.maximum);
  for (const auto& [value, text] : point.texts) {
    v1::ValueText* out_text = out.add_texts();
    out_text->set_value(value);
    out_text->set_text(text);
  }
}

void put_aliases(const Batch& batch, v1::Batch& out) {
  auto& deltas = *out.mutable_alias_deltas();
  deltas.Resize(static_cast<int>(batch.size()), 0);
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    deltas[static_cast<int>(i)] = static_cast<std::int32_t>(batch.alias[i] - last);
    last = batch.alias[i];
  }
}

void put_times(const Batch& batch, v1::Batch& out) {
  auto& deltas = *out.mutable_time_deltas();
  deltas.Resize(static_cast<int>(batch.size()), 0);
  auto last = static_cast<std::uint64_t>(out.base_ms());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto time = static_cast<std::uint64_t>(batch.time_ms[i]);
    deltas[static_cast<int>(i)] = static_cast<std::int64_t>(time - last);
    last = time;
  }
}

// One more of this kind: lengthens the last run, or begins another.
void put_run(Runs& runs, std::uint32_t kind) {
  const int size = runs.size();
  if (size > 0 && runs[size - 1] == kind) {
    ++runs[size - 2];
    return;
  }
  runs.Add(1);
  runs.Add(kind);
}

// The fewest digits that show all of the values which few digits can show.
std::uint32_t digits_of(const std::vector<double>& values) {
  std::uint32_t digits = 0;
  for (const double v : values) {
    for (std::uint32_t more = digits; more <= most_digits; ++more) {
      if (!mantissa(v, more)) continue;
      digits = more;
      break;
    }
  }
  return digits;
}

void put_values(const std::vector<double>& values, v1::Batch& out) {
  Runs& runs = *out.mutable_value_runs();
  const std::uint32_t digits = digits_of(values);
  std::uint32_t form = digits;
  for (const double v : values) {
    const auto decimal = mantissa(v, digits);
    // A device of floats gives some that are decimals by chance: these do not end the run.
    if (decimal && !(form == form_float && is_float(v))) {
      form = digits;
      out.add_mantissas(*decimal);
    } else if (is_no_number(v)) {
      form = form_none;
    } else if (is_float(v)) {
      form = form_float;
      out.add_floats(static_cast<float>(v));
    } else {
      form = form_double;
      out.add_doubles(v);
    }
    put_run(runs, form);
  }
}

void put_qualities(const std::vector<model::Quality>& qualities, v1::Batch& out) {
  if (std::ranges::all_of(qualities, [](model::Quality q) { return q == model::Quality{}; })) return;
  for (const model::Quality quality : qualities)
    put_run(*out.mutable_quality_runs(), quality.bits());
}

void put_texts(const Batch& batch, v1::Batch& out) {
  for (const TextValue& text : batch.texts) {
    v1::Text& to = *out.add_texts();
    to.set_alias(text.alias);
    to.set_time_ms(static_cast<std::int64_t>(static_cast<std::uint64_t>(text.time_ms) -
                                             static_cast<std::uint64_t>(out.base_ms())));
    to.set_text(text.text);
    to.set_quality(text.quality.bits());
  }
}

void append(const google::protobuf::MessageLite& message, std::vector<std::byte>& out) {
  const std::size_t begin = out.size();
  out.resize(begin + message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.data() + begin));
}

}  // namespace

struct ProtobufEncoder::Messages {
  v1::Envelope batch;  // keeps its columns from batch to batch
};

ProtobufEncoder::ProtobufEncoder() : messages_(std::make_unique<Messages>()) {}
ProtobufEncoder::~ProtobufEncoder() = default;

void ProtobufEncoder::encode(const Catalog& catalog, std::vector<std::byte>& out) {
  v1::Envelope envelope;
  v1::Catalog& to = *envelope.mutable_catalog();
  to.set_site(bytes_of(catalog.site));
  to.set_site_name(catalog.site_name);
  to.set_epoch(catalog.epoch);
  to.set_version(catalog.version);
  for (const CatalogPoint& point : catalog.points)
    put_point(point, *to.add_points());
  append(envelope, out);
}

void ProtobufEncoder::encode(const Batch& batch, std::vector<std::byte>& out) {
  v1::Batch& to = *messages_->batch.mutable_batch();
  to.Clear();
  set_mrid(batch.site, *to.mutable_site());
  to.set_epoch(batch.epoch);
  to.set_sequence(batch.sequence);
  to.set_catalog_version(batch.catalog_version);
  to.set_historical(batch.historical);
  to.set_dropped(batch.dropped);
  if (!batch.time_ms.empty()) {
    to.set_base_ms(batch.time_ms.front());
  } else if (!batch.texts.empty()) {
    to.set_base_ms(batch.texts.front().time_ms);
  }
  put_aliases(batch, to);
  put_times(batch, to);
  put_values(batch.value, to);
  put_qualities(batch.quality, to);
  put_texts(batch, to);
  append(messages_->batch, out);
}

}  // namespace iw::formats
