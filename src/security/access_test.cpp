#include "security/access.hpp"

#include <doctest/doctest.h>

#include "io/testing/fixed_random.hpp"
#include "io/testing/memory_files.hpp"
#include "security/brake.hpp"
#include "security/password.hpp"

namespace iw::security {
namespace {

TEST_CASE("a password is known by its hash, another is not, and equal ones have different hashes") {
  io::testing::FixedRandom random;
  const std::string hash = hash_password("correct horse battery", random);
  CHECK(hash.starts_with("scrypt$15$8$1$"));
  CHECK(is_password("correct horse battery", hash));
  CHECK_FALSE(is_password("correct horse batterz", hash));
  CHECK_FALSE(is_password("", hash));
  for (const char* broken : {"", "scrypt$", "scrypt$15$8$1$", "scrypt$15$8$1$abc", "plain"})
    CHECK_FALSE(is_password("correct horse battery", broken));
  CHECK_FALSE(is_password("correct horse battery", hash_of_nobody()));
  CHECK_FALSE(is_password("", hash_of_nobody()));
}

TEST_CASE("short and well known passwords are refused") {
  CHECK(check_password("a quiet river"));
  CHECK_FALSE(check_password("short"));
  CHECK_FALSE(check_password(std::string(201, 'x')));
  CHECK_FALSE(check_password("aaaaaaaaaaaa"));
  CHECK_FALSE(check_password("MyPassword2026"));
}

TEST_CASE("users and tokens come back from the file, which holds no secret and is ours alone") {
  io::testing::MemoryFiles files;
  io::testing::FixedRandom random;
  REQUIRE(Access::load(files, "data"));
  CHECK(Access::load(files, "data")->users().empty());

  Access access;
  const std::string secret = std::string(token_prefix) + random_secret(32, random);
  const WallTime now{std::chrono::days(20'000)};
  access.put(User{.name = "anna", .role = Role::admin, .password = hash_password("a quiet river", random)});
  access.put(
      Token{.name = "export", .role = Role::viewer, .sha256 = sha256_hex(secret), .expires = now + 1h});
  REQUIRE(access.save(files, "data"));
  CHECK(Access::load(files, "data") == access);
  const std::string text = files.read("data/access.json").value();
  CHECK_FALSE(text.contains(secret));
  CHECK_FALSE(text.contains("quiet"));

  CHECK(access.token(secret, now)->name == "export");
  CHECK(access.token(secret, now + 1h) == nullptr);
  CHECK(access.token(secret + "0", now) == nullptr);
  CHECK(access.token("", now) == nullptr);
}

TEST_CASE("a file that is none of ours is refused rather than taken as empty") {
  io::testing::MemoryFiles files;
  REQUIRE(files.make_folder("data"));
  for (const char* text :
       {"", "[]", "{\"users\":[]}", R"({"users":[{"name":"a","role":"king","password":""}],"tokens":[]})"}) {
    REQUIRE(files.replace("data/access.json", text, 0600));
    CHECK(Access::load(files, "data").error().kind == ErrorKind::malformed);
  }
}

TEST_CASE("the last admin can neither leave nor lose the role") {
  Access access;
  access.put(User{.name = "anna", .role = Role::admin, .password = ""});
  access.put(User{.name = "ben", .role = Role::viewer, .password = ""});
  CHECK_FALSE(access.remove_user("anna"));
  CHECK_FALSE(access.set_role("anna", Role::viewer));
  CHECK(access.set_role("ben", Role::admin));
  CHECK(access.remove_user("anna"));
  CHECK(access.remove_user("nobody").error().kind == ErrorKind::not_found);
}

TEST_CASE("who guesses waits longer and longer, and others do not") {
  Brake brake;
  Instant now{};
  for (int i = 0; i < 4; ++i)
    brake.failed("anna@192.0.2.1", now);
  CHECK(brake.wait("anna@192.0.2.1", now) == 0s);
  brake.failed("anna@192.0.2.1", now);
  CHECK(brake.wait("anna@192.0.2.1", now) == 2s);
  brake.failed("anna@192.0.2.1", now);
  CHECK(brake.wait("anna@192.0.2.1", now) == 4s);
  for (int i = 0; i < 40; ++i)
    brake.failed("anna@192.0.2.1", now);
  CHECK(brake.wait("anna@192.0.2.1", now) == 15min);
  CHECK(brake.wait("anna@192.0.2.2", now) == 0s);
  now += 15min;
  CHECK(brake.wait("anna@192.0.2.1", now) == 0s);
  brake.succeeded("anna@192.0.2.1");
  brake.failed("anna@192.0.2.1", now);
  CHECK(brake.wait("anna@192.0.2.1", now) == 0s);
}

TEST_CASE("the brake remembers no more than it has room for") {
  Brake brake({.free = 1, .most = 3});
  for (int i = 0; i < 10; ++i)
    brake.failed(fmt::format("user{}", i), Instant{Duration(i)});
  CHECK(brake.wait("user9", Instant{Duration(9)}) > 0s);
  CHECK(brake.wait("user0", Instant{Duration(9)}) == 0s);
}

}  // namespace
}  // namespace iw::security
