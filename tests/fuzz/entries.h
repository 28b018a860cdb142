// Every parser that reads what others wrote, each as one function from bytes. libFuzzer calls them with what it makes
// up (tools/fuzz), and a normal test with the files of corpus/.
#ifndef SPILLWAY_TESTS_FUZZ_ENTRIES_H_
#define SPILLWAY_TESTS_FUZZ_ENTRIES_H_

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::fuzz {

// Each ends the process where a promise is broken, as a sanitizer does for undefined behaviour.
// --- the lab's fakes ---
void DnsQuery(std::string_view bytes);           // a packet to the GSLB's DNS service
void DnsStream(std::string_view bytes);          // a TCP connection to it, messages cut anywhere
void AviRequest(std::string_view bytes);         // requests to an Avi controller, see requests.h
void KubernetesRequest(std::string_view bytes);  // requests to a Kubernetes API server
void RequestHead(std::string_view bytes);        // the head of an HTTP request, to any of our servers
void LabControl(std::string_view bytes);         // requests to the lab's control API
// --- the daemon ---
void ApiRequest(std::string_view bytes);  // requests to its API, orders among them
// --- our clients ---
void DnsAnswer(std::string_view bytes);
void ResponseHead(std::string_view bytes);
void Kubeconfig(std::string_view bytes);
void Watch(std::string_view bytes);            // the body of a watch, lines cut anywhere
void PodMetrics(std::string_view bytes);       // what metrics.k8s.io says of pods
void AviJson(std::string_view bytes);          // what a controller says of services and federation
void AviSession(std::string_view bytes);       // a controller's answers to a login and to lists
void LeaseAnswer(std::string_view bytes);      // an API server's answers to a candidate for a Lease
void ConfigMapAnswer(std::string_view bytes);  // and to who keeps memory in a ConfigMap
// --- what operators write, and what the daemon left behind ---
void Config(std::string_view bytes);
void Tokens(std::string_view bytes);
void Runbook(std::string_view bytes);
void RunbookProgress(std::string_view bytes);
void Memory(std::string_view bytes);

using Entry = void (*)(std::string_view bytes);

// By the name of its folder in corpus/.
inline constexpr std::array<std::pair<std::string_view, Entry>, 21> kEntries = {{
    {"dns_query", DnsQuery},
    {"dns_stream", DnsStream},
    {"avi_request", AviRequest},
    {"kubernetes_request", KubernetesRequest},
    {"request_head", RequestHead},
    {"lab_control", LabControl},
    {"api_request", ApiRequest},
    {"dns_answer", DnsAnswer},
    {"response_head", ResponseHead},
    {"kubeconfig", Kubeconfig},
    {"watch", Watch},
    {"pod_metrics", PodMetrics},
    {"avi_json", AviJson},
    {"avi_session", AviSession},
    {"lease_answer", LeaseAnswer},
    {"config_map_answer", ConfigMapAnswer},
    {"config", Config},
    {"tokens", Tokens},
    {"runbook", Runbook},
    {"runbook_progress", RunbookProgress},
    {"memory", Memory},
}};

// Ends the process with the text of a promise that `holds` says was broken.
void Promise(bool holds, const std::string& text);

}  // namespace spillway::fuzz

#endif  // SPILLWAY_TESTS_FUZZ_ENTRIES_H_
