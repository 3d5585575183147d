using AotHost;
using Orchestrator.Metrics;

var builder = WebApplication.CreateSlimBuilder(args);

builder.Services.AddScoped<ISubscriptionRepository, Subscriptions>();
builder.Services.AddScoped<IProcessRepository, Processes>();
builder.Services.AddScoped<IWorkflowEngineRepository, Engine>();
builder.Services.AddSingleton<Sites>();

builder.Services.Configure<MeterCollectorOptions>(
    options => (options.TargetInfo, options.CreatedTimestamps) = (false, false));
builder.Services.AddOrchestratorMetrics()
    .AddCollector<SiteCollector>()
    .AddMeters("Acme");
builder.Services.AddHostedService<Visits>();

var app = builder.Build();
app.MapOrchestratorMetrics();
app.Run();
