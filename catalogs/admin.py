"""The admin of the catalogs: products, the ways in which they come, and the catalogs at Meta that receive them."""

from django.contrib import admin

from catalogs.catalog_admin import CatalogAdmin
from catalogs.feed_admin import FeedAdmin
from catalogs.intake_admin import IntakeAdmin
from catalogs.models import Catalog, Feed, Intake, Product
from catalogs.product_admin import ProductAdmin

admin.site.register(Product, ProductAdmin)
admin.site.register(Intake, IntakeAdmin)
admin.site.register(Feed, FeedAdmin)
admin.site.register(Catalog, CatalogAdmin)
