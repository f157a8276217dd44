// StateFiles: texts of ours that outlive a restart, a file each in the folder of all data. The newest text of
// a file wins, and is written while the next ones wait: a storm of changes is no storm of writes.
//
// On the core executor. The files are used on the one that may wait for the disk, and in read().
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "io/executor.hpp"
#include "io/files.hpp"

namespace iw::bms {

class StateFiles {
 public:
  struct Executors {
    io::Executor& core;
    io::Executor& blocking;
  };
  // All outlive it; files and log also what was posted.
  StateFiles(Executors executors, io::Files& files, std::string folder, Log& log)
      : core_(executors.core),
        blocking_(executors.blocking),
        files_(files),
        folder_(std::move(folder)),
        log_(log) {}

  // What is to be kept, or else was; not found: nothing ever.
  [[nodiscard]] Result<std::string> read(const std::string& name) const;
  void keep(const std::string& name, std::string text);
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  struct Kept {
    std::string text;
    bool writing = false;
    bool changed = false;  // since that began
  };

  void write(const std::string& name, Kept& kept);

  io::Executor& core_;
  io::Executor& blocking_;
  io::Files& files_;
  std::string folder_;
  Log& log_;
  std::map<std::string, Kept> kept_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // writes may end after us
};

}  // namespace iw::bms
