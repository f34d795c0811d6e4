#include "nodes/options/config.hpp"

#include "nodes/options/options.hpp"
#include "tests/nodes/options/support/loading.hpp"

#include <algorithm>
#include <filesystem>

#define CAF_SUITE nodes.mistakes
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("an unknown name is answered with the most similar known one") {
  CHECK(contains(refusal({"--reeders=1"}), "unrecognised option '--reeders'; did you mean --readers?"));
  CHECK(contains(refusal({"--port=4000"}), "did you mean --http?"));
  CHECK(contains(refusal({"--db", "x"}), "did you mean --store?"));
  CHECK(contains(refusal({}, {{"WAYBILL_LOGLEVEL", "debug"}}), "did you mean WAYBILL_LOG_LEVEL?"));
  CHECK(!contains(refusal({"--elephant=1"}), "did you mean"));
}

SCENARIO("an error in a file is reported with its line") {
  const temporary_file unknown{"# a comment\n\nreaders = 3\nreeders = 4\n"};
  CHECK(contains(refusal({"--config=" + unknown.path()}), unknown.path() + ":4: unrecognised option 'reeders'"));
  const temporary_file bad{"readers = 3\nworkers = many\n"};
  CHECK(contains(refusal({"--config=" + bad.path()}), bad.path() + ":2: bad value 'many' for workers"));
  const temporary_file no_value{"readers = 3\n  readers\n"};
  CHECK(contains(refusal({"--config=" + no_value.path()}), no_value.path() + ":2: this line is no"));
  const temporary_file twice{"readers = 3\nreaders = 4\n"};
  CHECK(contains(refusal({"--config=" + twice.path()}), twice.path() + ":2: readers is given twice"));
  const temporary_file other{"\nconfig = x\n"};
  CHECK(contains(refusal({"--config=" + other.path()}), other.path() + ":2: a configuration file cannot name another"));
}

SCENARIO("a # in a value is part of it, after a blank it begins a comment") {
  const temporary_file file{"store = postgresql://shop:a#b@db/shop # the shop\r\n\treaders=9#\n"};
  CHECK(contains(refusal({"--config=" + file.path()}), ":2: bad value '9#'"));
  const temporary_file sound{"store = postgresql://shop:a#b@db/shop # the shop\r\n"};
  CHECK_EQ(loaded({"--config=" + sound.path()}).store.url, "postgresql://shop:a#b@db/shop");
}

SCENARIO("a configuration that cannot be read is refused with the reason, a folder too") {
  const auto folder = std::filesystem::temp_directory_path().string();
  CHECK(contains(refusal({"--config=" + folder}), "the file " + folder + " is a folder"));
  CHECK(contains(refusal({"--config=/does/not/exist"}), "No such file"));
  CHECK(contains(refusal({}, {{"WAYBILL_STORE_FILE", folder}}), "is a folder"));
}

SCENARIO("a port without an address is refused with an explanation") {
  for (const auto* flag : {"--http=4890", "--http=:4890", "--ops=:4890", "--advertise=:4890"}) {
    CHECK(contains(refusal({flag}), "127.0.0.1:4890 for this machine only"));
    CHECK(contains(refusal({flag}), "0.0.0.0:4890"));
  }
}

SCENARIO("the help is grouped: what a first node needs, topics, and all of it") {
  for (const auto& row : all_options())
    if (topic_of(row.name).empty())
      CAF_ERROR(row.name << " belongs to no topic");
  const auto all = options_help("all").value();
  for (const auto& row : all_options())
    CHECK(contains(all, "  --" + std::string{row.name} + "="));
  const auto first = options_help("").value();
  CHECK(std::ranges::count(first, '\n') < 30);
  CHECK(contains(first, "--store="));
  CHECK(contains(first, "--help=http"));
  CHECK(!contains(first, "--courier-vanish-percent="));
  const auto http = options_help("http").value();
  CHECK(contains(http, "--http-tls-key="));
  CHECK(contains(http, "--ops="));
  CHECK(!contains(http, "--store="));
  CHECK(contains(options_help("store").value(), "--log-readers="));
  CHECK(contains(options_help("order-grace").value(), "--order-grace="));
  CHECK(contains(options_help("htpp").error().detail, "did you mean http?"));
}

SCENARIO("origins of pages are accepted only in the form that browsers send") {
  CHECK_EQ(loaded({"--http-allowed-origins=https://Shop.Example:443,http://localhost:5173"}).gateway.allowed_origins,
           (words{"https://shop.example", "http://localhost:5173"}));
  CHECK_EQ(loaded({}).gateway.allowed_origins, words{});
  for (const auto* text : {"*", "null", "shop.example", "https://shop.example/", "https://shop.example/a",
                           "https://a@b", "ftp://shop.example", "https://a,,https://b", "https://*.example"})
    CHECK(contains(refusal({std::string{"--http-allowed-origins="} + text}), "https://shop.example"));
}
