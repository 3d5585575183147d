using AotHost;
using Orchestrator.Metrics;

var builder = WebApplication.CreateSlimBuilder(args);

builder.Services.AddScoped<ISubscriptionRepository, Subscriptions>();
builder.Services.AddScoped<IProcessRepository, Processes>();
builder.Services.AddScoped<IWorkflowEngineRepository, Engine>();
builder.Services.AddSingleton<Sites>();

builder.Services.AddOrchestratorMetrics()
    .AddCollector<SiteCollector>();

var app = builder.Build();
app.MapOrchestratorMetrics();
app.Run();
