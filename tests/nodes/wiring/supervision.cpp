#include "nodes/running_node.hpp"

#include "domain/base/log.hpp"
#include "messages/entity_types.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/temp_folder.hpp"

#include <caf/actor_cast.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/label.hpp>
#include <caf/telemetry/metric.hpp>
#include <caf/telemetry/metric_family.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <set>

#define CAF_SUITE nodes.supervision
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Ends by itself when its work is done, at any moment of these tests; nodes.supervisor has how such tasks are watched.
const std::string first_admin = "waybill.first_admin";

std::mutex log_mutex;
std::vector<std::string> errors;
std::atomic<int> stop_signals = 0;

void keep_errors(log_level level, std::string_view line) {
  if (level != log_level::error)
    return;
  const std::lock_guard guard{log_mutex};
  errors.emplace_back(line);
}

std::ptrdiff_t errors_of(const std::string& actor) {
  const std::lock_guard guard{log_mutex};
  return std::ranges::count_if(errors, [&](const std::string& line) {
    return line.find("its actor " + actor + " is dead: it was killed") != std::string::npos;
  });
}

std::string name_of(const caf::actor& actor) {
  return dynamic_cast<const caf::monitorable_actor&>(*caf::actor_cast<caf::abstract_actor*>(actor)).name();
}

/// A node in this process, with everything that an option can add to it.
class whole_node {
public:
  explicit whole_node(const std::string& store) {
    set_log_sink(keep_errors);
    std::signal(SIGTERM, [](int) { ++stop_signals; });
    auto read = load_config({{"--store=" + store, "--http=127.0.0.1:0", "--listen=127.0.0.1:0", "--ops=127.0.0.1:0",
                              "--name=whole", "--chaos=on", "--actor-metrics=on", "--event-retention=90d",
                              "--admin-email=admin@example.com", "--http-drain-delay=0ms"},
                             {}});
    CAF_REQUIRE(read.has_value());
    config_ = std::move(read->config);
    auto credentials = cluster_tls::load(config_.tls);
    auto https = server_tls::load(config_.http_tls);
    node_ = std::make_unique<running_node>(config_, *credentials, std::move(*https));
    const auto started = node_->start();
    if (started.has_error())
      CAF_FAIL(started.error().detail);
  }

  ~whole_node() {
    {
      shutdown_watchdog watchdog{std::chrono::minutes{2}};
      node_->stop(watchdog);
      node_.reset();
    }
    set_log_sink([](log_level, std::string_view) {});
  }

  whole_node(const whole_node&) = delete;
  whole_node& operator=(const whole_node&) = delete;

  running_node& operator*() { return *node_; }
  running_node* operator->() { return node_.get(); }

private:
  node_config config_;
  std::unique_ptr<running_node> node_;
};

/// The names of all actors that were ever spawned, from the metrics that each of them has.
struct spawned_names {
  std::set<std::string> names;

  template <class Value>
  void operator()(const caf::telemetry::metric_family* family, const caf::telemetry::metric* instance, const Value*) {
    if (family->prefix() == "caf.actor" && family->name() == "mailbox-size")
      for (const auto& label : instance->labels())
        names.emplace(label.value().begin(), label.value().end());
  }
};

/// Those that do not live as long as the node.
std::set<std::string> short_lived() {
  // Of CAF: they end with its actor system, or with one call.
  std::set<std::string> names{"caf.system.config-server", "caf.system.spawn-server", "caf.system.connection-helper",
                              "printer_actor", "scoped_actor"};
  // CAF's own connector, which does nothing: waybill.connector is asked in its place.
  names.insert("caf.system.middleman-actor");
  for (const auto& type : entity_types)
    names.insert("waybill." + std::string{type.name});
  return names;
}

std::vector<std::string> stores(const temp_folder& folder) {
  return {"sqlite:" + (folder / "shop.db"), test_postgres::shared().create_database()};
}

} // namespace

SCENARIO("every actor of a node is supervised, also one that is added to it") {
  const temp_folder folder;
  for (const auto& store : stores(folder)) {
    whole_node node{store};
    spawned_names spawned;
    node->system().metrics().collect(spawned);
    std::set<std::string> watched = short_lived();
    for (const auto& address : node->supervision().watched())
      if (const auto actor = caf::actor_cast<caf::actor>(address))
        watched.insert(name_of(actor));
    watched.insert(first_admin);
    CHECK(spawned.names.size() > 20);
    for (const auto& name : spawned.names)
      if (!watched.contains(name))
        CAF_ERROR("nobody supervises " << name);
  }
}

SCENARIO("the death of any actor of a node ends the process, with a line that names the actor") {
  const temp_folder folder;
  for (const auto& store : stores(folder)) {
    whole_node node{store};
    stop_signals = 0;
    std::size_t killed = 0;
    for (const auto& address : node->supervision().watched()) {
      const auto actor = caf::actor_cast<caf::actor>(address);
      if (!actor)
        continue;
      const auto name = name_of(actor);
      if (name == first_admin)
        continue;
      const auto before = errors_of(name);
      caf::anon_send_exit(actor, caf::exit_reason::kill);
      if (!eventually([&] { return errors_of(name) > before; }, std::chrono::seconds{20}))
        CAF_ERROR("the death of " << name << " was not noticed");
      ++killed;
    }
    CHECK(killed > 20);
    CHECK(node->broken());
    CHECK(eventually([] { return stop_signals == 1; }));
  }
}

SCENARIO("an orderly end of a node is no death") {
  const temp_folder folder;
  {
    const std::lock_guard guard{log_mutex};
    errors.clear();
  }
  for (const auto& store : stores(folder))
    whole_node{store};
  CHECK_EQ(errors.size(), 0u);
}
