using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>Checks that the services of a collector that was added by its type are registered.</summary>
internal sealed class TypedCollector(
    string name, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type,
    IServiceCollection services)
{
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    private readonly Type _type = type;

    public string? Validate(IServiceProviderIsService isService)
    {
        // The host may register the type in another way, such as an instance or a factory.
        if (services.LastOrDefault(IsCollector)?.ImplementationType != _type)
            return null;
        var missing = _type.GetConstructors()
            .Select(constructor => constructor.GetParameters()
                .Where(parameter => !IsAvailable(parameter, isService)).Select(Describe).Distinct().ToArray())
            .MinBy(descriptions => descriptions.Length);
        return missing is null or []
            ? null
            : $"Collector '{name}' needs {string.Join(", ", missing)}, which the host does not register. Register " +
            $"the {(missing.Length == 1 ? "service" : "services")}, or add the collector with a factory.";
    }

    private bool IsCollector(ServiceDescriptor service) => !service.IsKeyedService && service.ServiceType == _type;

    private static bool IsAvailable(ParameterInfo parameter, IServiceProviderIsService isService)
    {
        if (parameter.HasDefaultValue || parameter.IsDefined(typeof(ServiceKeyAttribute)))
            return true;
        if (GetKey(parameter) is not { } key)
            return isService.IsService(parameter.ParameterType);

        // If the container does not support this query, assume that the keyed service is registered.
        return isService is not IServiceProviderIsKeyedService keyed
            || keyed.IsKeyedService(parameter.ParameterType, key);
    }

    private static string Describe(ParameterInfo parameter) =>
        CollectorRegistration.GetReadableName(parameter.ParameterType) +
        (GetKey(parameter) is { } key ? $" with the key '{key}'" : "");

    private static object? GetKey(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<FromKeyedServicesAttribute>()?.Key;
}
