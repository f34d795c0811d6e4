#include "domain/base/errors.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"

#include <boost/describe/enum_to_string.hpp>

// What runs where, for operators.

namespace waybill::http {

namespace {

constexpr std::size_t longest_name = 64;

void write_node(json_writer& out, const node_entry& what) {
  out.begin_object().member("node", what.node).member("incarnation", what.incarnation);
  out.member("address", what.address).key("http");
  if (what.http.empty())
    out.null();
  else
    out.text(what.http);
  out.key("roles").begin_array();
  for (const auto one : what.roles)
    out.text(boost::describe::enum_to_string(one, "unknown"));
  out.end_array().member("state", boost::describe::enum_to_string(what.state, "unknown"));
  out.member("reachable", what.reachable).key("suspects").begin_array();
  for (const auto& one : what.suspects)
    out.text(one);
  out.end_array().key("lease_until");
  // One process alone needs no lease.
  if (what.lease_until == timestamp::max())
    out.null();
  else
    out.text(to_rfc3339(what.lease_until));
  out.end_object();
}

} // namespace

task<response> show_cluster(worker& w, const request& req) {
  const auto found = co_await w.query<node_list>(req, w.services().face, list_nodes{});
  json_writer out;
  out.begin_object().member("node", w.services().node).key("nodes").begin_array();
  for (const auto& one : found.nodes)
    write_node(out, one);
  response result;
  result.body = out.end_array().end_object().take();
  co_return result;
}

task<response> list_running_actors(worker& w, const request& req) {
  query_reader from{req};
  list_cluster_actors wanted;
  wanted.what.type = from.text("type", longest_name);
  wanted.node = from.text("node", longest_name);
  const auto sort = from.text("sort", longest_name);
  if (!sort.empty() && sort != "id" && sort != "mailbox")
    from.complain("sort", "must be id or mailbox");
  wanted.what.by_mailbox = sort == "mailbox";
  wanted.what.limit = from.limit();
  from.finish();
  const auto found = co_await w.query<actor_list>(req, w.services().face, wanted);
  json_writer out;
  out.begin_object().key("items").begin_array();
  for (const auto& one : found.actors)
    out.begin_object()
      .member("type", one.type)
      .member("id", one.id)
      .member("node", one.node)
      .member("mailbox", one.mailbox)
      .member("handled", one.handled)
      .end_object();
  response result;
  result.body = out.end_array().member("total", found.total).key("next_cursor").null().end_object().take();
  co_return result;
}

task<response> show_actor(worker& w, const request& req) {
  // /v1/actors/{type}/{id}
  const inspect_actor question{req.segments.at(2), req.id};
  const auto answer =
    co_await ask<entity_description>(w.bridge_handle(), w.services().face, w.config().attempt_timeout, question);
  if (!answer && answer.error().code == ec::invalid_argument)
    throw not_found("there is no such type of actor");
  if (!answer)
    throw to_problem(answer.error());
  const auto& found = *answer;
  json_writer out;
  out.begin_object().member("type", question.type).member("id", found.id).member("node", found.node);
  out.member("version", found.version).member("waits_for", found.waits_for).key("state").raw(found.state);
  co_return resource(req, out.end_object().take(), found.version);
}

} // namespace waybill::http
