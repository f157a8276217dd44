#include "model/quality.hpp"

#include <doctest/doctest.h>

using namespace iw::model;

namespace {

constexpr Quality good;
constexpr Quality questionable{Validity::questionable};
constexpr Quality invalid{Validity::invalid};

}  // namespace

TEST_CASE("a quality is good unless somebody says otherwise") {
  CHECK(good.good());
  CHECK(good.bits() == 0);
  CHECK(to_string(good) == "good");
}

TEST_CASE("a quality says its details in words") {
  CHECK(to_string(questionable.with(Detail::substituted).with(Detail::interpolated)) ==
        "questionable: interpolated, substituted");
  CHECK(to_string(invalid.with(Detail::no_connection).with(Detail::failure)) ==
        "invalid: failure, no connection");
  CHECK(to_string(good.with(Detail::derived)) == "good: derived");
}

TEST_CASE("every detail has a word of its own and leaves the validity alone") {
  std::string all = to_string(invalid);
  for (unsigned bit = 2; bit <= 22; ++bit) {
    const auto detail = static_cast<Detail>(1U << bit);
    const Quality quality = invalid.with(detail);
    CHECK(quality.has(detail));
    CHECK(quality.validity() == Validity::invalid);
    const std::string text = to_string(quality);
    CAPTURE(text);
    CHECK(text.size() > std::string("invalid: ").size());
    CHECK(all.find(text.substr(8) + ",") == std::string::npos);
    all += text.substr(8) + ",";
  }
}

TEST_CASE("merge takes the worst validity and all details, in any order") {
  const Quality a = questionable.with(Detail::old_data);
  const Quality b = invalid.with(Detail::failure);
  CHECK(merge(a, b) == invalid.with(Detail::old_data).with(Detail::failure));
  CHECK(merge(a, b) == merge(b, a));
  CHECK(merge(good, a) == a);
  CHECK(merge(good.with(Detail::test), questionable) == questionable.with(Detail::test));
  CHECK(merge(good, good) == good);
  for (const Quality x : {good, questionable, invalid}) {
    CHECK(merge(x, x) == x);
    CHECK(merge(x, invalid) == invalid);
  }
}

TEST_CASE("a quality keeps its bits") {
  const Quality q = questionable.with(Detail::clock_failure).with(Detail::forecast);
  CHECK(Quality::from_bits(q.bits()) == q);
}
