// The words of the command line: commands, their options, and what is done with them. CLI11 reads them; it
// has no compiled form, so it stands behind this header and is compiled once instead of once for each
// command.
//
// Command and Option are handles, copied freely, and live as long as their CommandLine. What an option is
// read into must outlive parse(), which also calls what the command does.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace iw::gateway {

class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  const Option& required() const;
  const Option& show_default() const;  // in the help: the value as it is now
  const Option& show_default(const std::string& text) const;
  const Option& show_values(const std::string& text) const;  // in the help: raw|1min, instead of TEXT
  template <class Number>
  const Option& within(Number least, Number most) const;
  const Option& excludes(Option other) const;
  const Option& group(const std::string& title) const;

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  [[nodiscard]] Command add_subcommand(const std::string& name, const std::string& what) const;
  // Name: "-c,--config", or "FILE" for what stands without a name.
  template <class Value>
  Option add_option(const std::string& name, Value& value, const std::string& what) const;
  Option add_option(const std::string& name, const std::function<void(const std::string&)>& take,
                    const std::string& what) const;
  Option add_flag(const std::string& name, bool& value, const std::string& what) const;

  void footer(const std::string& text) const;
  void require_subcommand() const;  // one of them has to be named
  void allow_subcommand() const;    // one of them may be named
  void fallthrough() const;         // options of the command above may follow its name
  void callback(std::function<void()> action) const;
  [[nodiscard]] bool parsed() const;  // is it this one that was asked for?

 private:
  CLI::App* app_;
};

class CommandLine {
 public:
  CommandLine(const std::string& description, const std::string& version);
  CommandLine(CommandLine&&) noexcept;
  CommandLine& operator=(CommandLine&&) noexcept;
  ~CommandLine();

  [[nodiscard]] Command root() const { return Command(*app_); }
  // Does what was asked: 0, or 2 for wrong use, which it has said. What a callback throws goes through.
  [[nodiscard]] int parse(int argc, const char* const* argv) const;

 private:
  std::unique_ptr<CLI::App> app_;
};

// From within a callback: what was asked makes no sense.
[[noreturn]] void wrong_use(const std::string& text);

}  // namespace iw::gateway
