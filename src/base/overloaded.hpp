// std::visit(overloaded{[](const A&) {...}, [](const B&) {...}}, variant)
#pragma once

namespace iw {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace iw
