# For scripts that need a node: `start_node <binary> <folder> [options...]` starts one on free ports of the loopback interface,
# with its store and its log in the folder, waits until it is ready, and sets `url`; `stop_node` ends it.
start_node() {
  local binary=$1 folder=$2
  shift 2
  # Looked into before the node may have made it.
  : > "$folder/node.log"
  "$binary" node --http=127.0.0.1:0 --listen=127.0.0.1:0 "--store=sqlite:$folder/waybill.db" "$@" > "$folder/node.log" 2>&1 &
  node=$!
  local tries
  for tries in $(seq 600); do
    url=$(sed -n 's,.*answers HTTP on \(http://[0-9.:]*\).*,\1,p' "$folder/node.log")
    if [ -n "$url" ] && curl --silent --fail --output /dev/null --max-time 5 "$url/readyz"; then
      return
    fi
    kill -0 "$node" 2> /dev/null || break
    sleep 0.1
  done
  cat "$folder/node.log"
  echo "the node did not get ready"
  return 1
}

stop_node() {
  kill "$node" 2> /dev/null || true
  wait "$node" 2> /dev/null || true
}
