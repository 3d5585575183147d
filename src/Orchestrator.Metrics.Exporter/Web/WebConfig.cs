namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>The content of a web configuration file.</summary>
internal sealed record WebConfig(
    FileValue<ServerTls>? Tls, IReadOnlyDictionary<string, string> Headers, BasicAuthUsers? Users)
{
    public static WebConfig Empty { get; } = new(null, new Dictionary<string, string>(), null);

    public bool VerifiesClients => Tls?.Current.VerifiesClients == true;

    public bool RestrictsNames => Tls?.Current.RestrictsNames == true;
}
