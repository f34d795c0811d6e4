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

/// A database, and one side of each choice of a node: simulated couriers and payments, or real ones.
struct variant {
  std::string store;
  std::vector<std::string> choices;
  /// Of the actors that only this variant has.
  std::set<std::string> own_actors;
};

/// A node in this process, with everything that an option can add to it.
class whole_node {
public:
  explicit whole_node(const variant& made_of) {
    set_log_sink(keep_errors);
    std::signal(SIGTERM, [](int) { ++stop_signals; });
    std::vector<std::string> options{"--store=" + made_of.store,
                                     "--http=127.0.0.1:0",
                                     "--listen=127.0.0.1:0",
                                     "--ops=127.0.0.1:0",
                                     "--name=whole",
                                     "--chaos=on",
                                     "--actor-metrics=on",
                                     "--event-retention=90d",
                                     "--http-drain-delay=0ms",
                                     "--admin-email=admin@example.com"};
    options.insert(options.end(), made_of.choices.begin(), made_of.choices.end());
    auto read = load_config({std::move(options), {}});
    if (read.has_error())
      CAF_FAIL(read.error().detail);
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
      shutdown_watchdog watchdog{std::chrono::minutes{2}, stop_signal{}};
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

/// The actors that do not live as long as the node.
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

std::vector<variant> variants(const temp_folder& folder) {
  const std::set<std::string> simulated{"waybill.simulated_provider", "waybill.courier_pool",
                                        "waybill.courier_dispatcher"};
  const std::set<std::string> real{"waybill.http_provider", "waybill.courier_dispatcher"};
  const std::vector<std::string> with_real{"--courier-pool=real", "--payment-provider=http",
                                           "--payment-url=http://127.0.0.1:1", "--payment-secret=a secret of the test"};
  return {{"sqlite:" + (folder / "simulated.db"), {}, simulated},
          {"sqlite:" + (folder / "real.db"), with_real, real},
          {test_postgres::shared().create_database(), {}, simulated},
          {test_postgres::shared().create_database(), with_real, real}};
}

} // namespace

SCENARIO("every actor of a node is supervised, including those that are added later") {
  const temp_folder folder;
  for (const auto& variant : variants(folder)) {
    whole_node node{variant};
    spawned_names spawned;
    node->system().metrics().collect(spawned);
    std::set<std::string> watched = short_lived();
    for (const auto& address : node->supervision().watched())
      if (const auto actor = caf::actor_cast<caf::actor>(address))
        watched.insert(name_of(actor));
    watched.insert(first_admin);
    CHECK(spawned.names.size() > 20);
    CHECK(std::ranges::includes(spawned.names, variant.own_actors));
    for (const auto& name : spawned.names)
      if (!watched.contains(name))
        CAF_ERROR("nobody supervises " << name);
  }
}

SCENARIO("the death of any actor of a node ends the process, with a line that names the actor") {
  const temp_folder folder;
  for (const auto& variant : variants(folder)) {
    whole_node node{variant};
    stop_signals = 0;
    std::set<std::string> killed;
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
      killed.insert(name);
    }
    CHECK(killed.size() > 15);
    CHECK(std::ranges::includes(killed, variant.own_actors));
    CHECK(node->broken());
    CHECK(eventually([] { return stop_signals == 1; }));
  }
}

SCENARIO("an orderly shutdown of a node is not reported as a death") {
  const temp_folder folder;
  {
    const std::lock_guard guard{log_mutex};
    errors.clear();
  }
  for (const auto& variant : variants(folder))
    whole_node{variant};
  CHECK_EQ(errors.size(), 0u);
}
