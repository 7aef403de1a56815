from django.urls import path

from onboarding import business_app_views, views

urlpatterns = [
    path("", views.front, name="front"),
    path("connect/result/<uuid:public_id>/", views.result, name="result"),
    path("connect/result/<uuid:public_id>/again/", views.again, name="again"),
    path("connect/business-app/<str:app_id>/", business_app_views.business_app, name="business-app"),
    path("connect/<str:token>/", views.connect, name="connect"),
    path("connect/<str:token>/<slug:slug>/", views.connect_start, name="start"),
    path("return/", views.come_back, name="return"),
]
