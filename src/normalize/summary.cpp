#include "normalize/summary.hpp"

namespace iw::normalize {

void Summarizer::begin(WallTime time) {
  end_ = std::chrono::floor<std::chrono::minutes>(time) + window;
  minimum_ = std::numeric_limits<double>::infinity();
  maximum_ = -minimum_;
  integral_ = 0;
  covered_ = {};
  samples_ = 0;
}

void Summarizer::close(std::uint16_t index, std::vector<Summary>& done) {
  if (samples_ == 0 && covered_ == Duration{}) return;
  const double average = covered_ > Duration{} ? integral_ / static_cast<double>(covered_.count()) : held_;
  done.push_back({.index = index,
                  .begin = end_ - window,
                  .minimum = minimum_,
                  .maximum = maximum_,
                  .average = std::clamp(average, minimum_, maximum_),
                  .covered = covered_,
                  .samples = samples_});
}

void Summarizer::turn_over(std::uint16_t index, WallTime time, std::vector<Summary>& done) {
  if (time < since_) {  // the clock was set back: nobody knows how long the value was held
    close(index, done);
    held_until_ = WallTime::min();
    begin(time);
    return;
  }
  while (time >= end_) {
    const WallTime over = end_;
    integrate(over);
    close(index, done);
    const bool held = held_until_ > over;
    begin(held ? over : time);
    if (held && time > over) include(held_);
  }
}

}  // namespace iw::normalize
