#include "bms/state_files.hpp"

#include <utility>

namespace iw::bms {

Result<std::string> StateFiles::read(const std::string& name) const {
  if (const auto kept = kept_.find(name); kept != kept_.end()) return kept->second.text;
  return files_.read(path(name));
}

void StateFiles::keep(const std::string& name, std::string text) {
  Kept& kept = kept_[name];
  kept.text = std::move(text);
  kept.changed = true;
  if (!kept.writing) write(name, kept);
}

void StateFiles::write(const std::string& name, Kept& kept) {
  kept.writing = true;
  kept.changed = false;
  blocking_.post([this, name, path = path(name), text = kept.text, alive = std::weak_ptr(alive_),
                  &core = core_, &files = files_, &log = log_] {
    if (auto done = files.replace(path, text, 0644); !done)
      log.warning("{} is not kept: {}", path, done.error().message);
    core.post([this, name, alive] {
      if (alive.expired()) return;
      Kept& kept = kept_[name];
      kept.writing = false;
      if (kept.changed) write(name, kept);
    });
  });
}

}  // namespace iw::bms
