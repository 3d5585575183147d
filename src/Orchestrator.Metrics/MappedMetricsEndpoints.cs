using System.ComponentModel;

namespace Orchestrator.Metrics;

/// <summary>
/// The metrics endpoints of a host. For packages that add endpoints, such as <c>Orchestrator.Metrics.AspNetCore</c>;
/// applications do not need this class. A singleton service of <c>services.AddOrchestratorMetrics()</c>. Thread-safe.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class MappedMetricsEndpoints
{
    private readonly Lock _lock = new();
    private readonly List<Action> _validations = [];

    internal MappedMetricsEndpoints()
    {
    }

    /// <summary>Adds an endpoint.</summary>
    /// <param name="validate">
    /// Called once, after all hosted services and the server have started. An exception fails the start of the host.
    /// </param>
    public void Add(Action validate)
    {
        ArgumentNullException.ThrowIfNull(validate);
        lock (_lock)
            _validations.Add(validate);
    }

    /// <summary>Validates all endpoints, and returns whether the host maps any.</summary>
    internal bool Validate()
    {
        Action[] validations;
        lock (_lock)
            validations = [.. _validations];
        foreach (var validate in validations)
            validate();
        return validations.Length > 0;
    }
}
