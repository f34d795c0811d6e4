#include "psp/psp_main.hpp"

#include "domain/text/unicode.hpp"
#include "outbound/tools/named_options.hpp"
#include "psp/server.hpp"
#include "transport/endpoint.hpp"

#include <boost/program_options.hpp>

#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace po = boost::program_options;

namespace waybill::psp {

namespace {

constexpr const char* usage =
  "waybill psp [options]: a payment provider that moves no money, for demonstrations and tests\n"
  "  --listen=<address:port>          address to listen on; port 0: any free one [127.0.0.1:4200]\n"
  "  --secret[-file]=<text|path>      Bearer token that callers must send\n"
  "  --callback-url=<url>             where the results of operations are sent: <gateway>/v1/payment-callbacks\n"
  "  --callback-secret[-file]=<...>   signs the callbacks: whsec_...\n"
  "  --slow-ms=<n>, --late-ms=<n>     how long tok_slow and tok_late take, in milliseconds [1000, 3000]\n"
  "GET /ledger shows its ledger, which is in memory only.\n";

std::string read_secret(const po::variables_map& given, const std::string& name) {
  if (given.contains(name))
    return given[name].as<std::string>();
  if (!given.contains(name + "-file"))
    return {};
  const auto path = given[name + "-file"].as<std::string>();
  std::ifstream file{path};
  if (!file)
    throw std::invalid_argument{"--" + name + "-file: " + path + " cannot be read"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return text;
}

server_settings read_settings(const std::vector<std::string>& words) {
  std::string listen;
  std::int64_t slow = 0;
  std::int64_t late = 0;
  server_settings settings;
  po::options_description named;
  auto add = named.add_options();
  add("listen", po::value(&listen)->default_value("127.0.0.1:4200"));
  add("callback-url", po::value(&settings.callback_url));
  add("slow-ms", po::value(&slow)->default_value(settings.slow.count()));
  add("late-ms", po::value(&late)->default_value(settings.late.count()));
  for (const auto* name : {"secret", "secret-file", "callback-secret", "callback-secret-file"})
    add(name, po::value<std::string>());
  const auto given = outbound::read_options(words, named);
  if (given.has_error())
    throw std::invalid_argument{given.error().detail};
  auto address = parse_endpoint(listen);
  if (!address)
    throw std::invalid_argument{"--listen must be " + expected_address(listen, "127.0.0.1:4200")};
  settings.address = std::move(address->host);
  settings.port = address->port;
  settings.slow = milliseconds{slow};
  settings.late = milliseconds{late};
  settings.secret = read_secret(*given, "secret");
  settings.callback_secret = read_secret(*given, "callback-secret");
  return settings;
}

} // namespace

int psp_main(const std::vector<std::string>& words) {
  constexpr int wrong_usage = 2;
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    std::cout << usage;
    return 0;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  server_settings settings;
  try {
    settings = read_settings(words);
  } catch (const std::exception& problem) {
    std::cerr << "waybill: psp: " << escape_control_characters(problem.what(), true) << '\n';
    return wrong_usage;
  }
  const auto started = server::start(settings);
  if (started.has_error()) {
    std::cerr << "waybill: psp: " << escape_control_characters(started.error().detail, true) << '\n';
    return 1;
  }
  std::cout << "the payment provider of tests listens on " << (*started)->url() << std::endl;
  int number = 0;
  sigwait(&signals, &number);
  return 0;
}

} // namespace waybill::psp
